"""Steps of writing an object of any kind: defaulting, keeping fields, validation.

Rules
- Creating an object clears system fields.
- An update of the object keeps its status; an update of the status keeps everything
  else.
- `metadata.generation` starts at 1 and is incremented when the spec changes.
- Defaults are set before validation, which therefore sees complete objects.
- All functions are pure, or modify an object in place and are idempotent.

Follows apiserver/pkg/registry/rest/{create,update}.go and registry/generic/registry.
"""

from collections.abc import Callable
from copy import deepcopy
from itertools import islice

from supervisor.kinds.base import Admission, Kind
from supervisor.model.defaults import drop_nulls
from supervisor.model.equality import same
from supervisor.model.errors import FieldError
from supervisor.model.meta import Object, without_nulls
from supervisor.model.validation.report import Errors

MAX_ERRORS = 100
_OMITTED_WHEN_EMPTY = ("labels", "annotations", "ownerReferences", "finalizers")
_SET_AT_DELETION = ("deletionTimestamp", "deletionGracePeriodSeconds")
_SET_AT_CREATION = ("uid", "creationTimestamp")


def complete(kind: Kind, obj: Object) -> None:
    """Set defaults."""
    drop_nulls(obj)
    meta = obj.setdefault("metadata", {})
    for field in _OMITTED_WHEN_EMPTY:
        if field in meta and not meta[field]:
            del meta[field]
    kind.writes.complete(obj)


def prepare_create(kind: Kind, obj: Object, admission: Admission) -> None:
    """Clear system fields, and set initial ones."""
    meta = obj.setdefault("metadata", {})
    for field in (*_SET_AT_DELETION, "generation", "selfLink"):
        meta.pop(field, None)
    if kind.writes.generation:
        meta["generation"] = 1
    status = kind.writes.status
    if status.separate and not status.at_creation:
        obj["status"] = {}
    kind.writes.prepare_create(obj, admission)


def apply_update(kind: Kind, new: Object, old: Object) -> list[FieldError]:
    """Turn `new` into the object to store in place of `old`; return all errors."""
    complete(kind, new)
    prepare_update(kind, new, old)
    return validate_update(kind, new, old)


def apply_status_update(kind: Kind, new: Object, old: Object) -> list[FieldError]:
    """Turn `new` into `old` with the status of `new`; return all errors."""
    prepare_status_update(kind, new, old)
    return validate_status_update(kind, new, old)


def prepare_update(kind: Kind, new: Object, old: Object) -> None:
    """Copy from `old` the fields that an update cannot change."""
    _keep_metadata(new, old)
    if kind.writes.status.separate:
        keep(new, old, "status")
    kind.writes.prepare_update(new, old)
    if kind.writes.generation and not same(new.get("spec"), old.get("spec")):
        meta = new["metadata"]
        meta["generation"] = int(meta.get("generation") or 0) + 1


def prepare_status_update(kind: Kind, new: Object, old: Object) -> None:
    """Copy from `old` everything except status, labels and annotations."""
    drop_nulls(new)
    _keep_metadata(new, old)
    for part in {*old, *new} - {"status", "metadata", "kind", "apiVersion"}:
        keep(new, old, part)
    kind.writes.prepare_status(new, old)


def validate_new(kind: Kind, obj: Object) -> list[FieldError]:
    """All errors in a new object with defaults set."""
    return _limited(kind.rules.create(_readable(obj)))


def validate_update(kind: Kind, new: Object, old: Object) -> list[FieldError]:
    """All errors in an update from `old` to `new`."""
    return _compared(kind.rules.update, new, old)


def validate_status_update(kind: Kind, new: Object, old: Object) -> list[FieldError]:
    """All errors in an update of the status from `old` to `new`."""
    return _compared(kind.rules.status, new, old)


def keep(new: Object, old: Object, field: str) -> None:
    """Copy `field` from `old` to `new`, or remove it if absent in `old`."""
    if field in old:
        new[field] = deepcopy(old[field])
    else:
        new.pop(field, None)


def _compared(
    check: Callable[[Object, Object], Errors], new: Object, old: Object
) -> list[FieldError]:
    return _limited(check(_readable(new), _readable(old)))


def _limited(errors: Errors) -> list[FieldError]:
    """The first MAX_ERRORS errors, and a note if there are more."""
    found = list(islice(errors, MAX_ERRORS + 1))
    if len(found) > MAX_ERRORS:
        text = f"too many errors, only the first {MAX_ERRORS} are reported"
        found[MAX_ERRORS] = FieldError("FieldValueInvalid", "", text)
    return found


def _readable(obj: Object) -> Object:
    plain: Object = without_nulls(obj)
    plain.setdefault("metadata", {})
    return plain


def _keep_metadata(new: Object, old: Object) -> None:
    """Copy system fields from `old`; validation rejects a different name or uid."""
    mine, theirs = new.setdefault("metadata", {}), old.get("metadata") or {}
    for field in (*_SET_AT_DELETION, "generation", "creationTimestamp"):
        keep(mine, theirs, field)
    for field in _SET_AT_CREATION:
        if field in theirs and not mine.get(field):
            mine[field] = theirs[field]
    mine.pop("selfLink", None)
