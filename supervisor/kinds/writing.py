"""What every write of an object does, whatever its kind: complete, keep, examine.

Rules
- Creating clears what only the system sets.
- Writing an object keeps its status; writing the status keeps the rest of the object.
- `metadata.generation` is 1 at first and grows by one whenever spec changes.
- Defaults come before validation, so validation sees complete objects.
- All functions are pure, or change the object in place and are idempotent.

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
    """Fill in what `obj` leaves open."""
    drop_nulls(obj)
    meta = obj.setdefault("metadata", {})
    for field in _OMITTED_WHEN_EMPTY:
        if field in meta and not meta[field]:
            del meta[field]
    kind.writes.complete(obj)


def prepare_create(kind: Kind, obj: Object, admission: Admission) -> None:
    """Clear what only the system sets, and set what it sets first."""
    meta = obj.setdefault("metadata", {})
    for field in (*_SET_AT_DELETION, "generation", "selfLink"):
        meta.pop(field, None)
    if kind.writes.generation:
        meta["generation"] = 1
    status = kind.writes.status
    if status.separate and not status.at_creation:
        obj["status"] = {}
    kind.writes.prepare_create(obj, admission)


def updated(kind: Kind, new: Object, old: Object) -> list[FieldError]:
    """Make `new` what is to be stored in place of `old`; everything wrong with it."""
    complete(kind, new)
    prepare_update(kind, new, old)
    return problems_of_update(kind, new, old)


def status_updated(kind: Kind, new: Object, old: Object) -> list[FieldError]:
    """Make `new` be `old` with the status of `new`; everything wrong with it."""
    prepare_status_update(kind, new, old)
    return problems_of_status(kind, new, old)


def prepare_update(kind: Kind, new: Object, old: Object) -> None:
    """Keep of `old` what a write of the object cannot change."""
    _keep_metadata(new, old)
    if kind.writes.status.separate:
        keep(new, old, "status")
    kind.writes.prepare_update(new, old)
    if kind.writes.generation and not same(new.get("spec"), old.get("spec")):
        meta = new["metadata"]
        meta["generation"] = int(meta.get("generation") or 0) + 1


def prepare_status_update(kind: Kind, new: Object, old: Object) -> None:
    """Keep of `old` all but its status; labels and annotations may change too."""
    drop_nulls(new)
    _keep_metadata(new, old)
    for part in {*old, *new} - {"status", "metadata", "kind", "apiVersion"}:
        keep(new, old, part)
    kind.writes.prepare_status(new, old)


def problems_of_new(kind: Kind, obj: Object) -> list[FieldError]:
    """Everything wrong with a new object that has its defaults."""
    return _first(kind.rules.create(_readable(obj)))


def problems_of_update(kind: Kind, new: Object, old: Object) -> list[FieldError]:
    """Everything wrong with `new` in place of `old`."""
    return _compared(kind.rules.update, new, old)


def problems_of_status(kind: Kind, new: Object, old: Object) -> list[FieldError]:
    """Everything wrong with the status of `new` in place of that of `old`."""
    return _compared(kind.rules.status, new, old)


def keep(new: Object, old: Object, field: str) -> None:
    """Have `new` hold at `field` what `old` holds there, or nothing."""
    if field in old:
        new[field] = deepcopy(old[field])
    else:
        new.pop(field, None)


def _compared(
    check: Callable[[Object, Object], Errors], new: Object, old: Object
) -> list[FieldError]:
    return _first(check(_readable(new), _readable(old)))


def _first(errors: Errors) -> list[FieldError]:
    """All that is wrong, or as much of it as anybody reads."""
    found = list(islice(errors, MAX_ERRORS + 1))
    if len(found) > MAX_ERRORS:
        text = f"there is more that is wrong; these are the first {MAX_ERRORS} errors"
        found[MAX_ERRORS] = FieldError("FieldValueInvalid", "", text)
    return found


def _readable(obj: Object) -> Object:
    plain: Object = without_nulls(obj)
    plain.setdefault("metadata", {})
    return plain


def _keep_metadata(new: Object, old: Object) -> None:
    """What the system has set stays; validation refuses another name or uid."""
    mine, theirs = new.setdefault("metadata", {}), old.get("metadata") or {}
    for field in (*_SET_AT_DELETION, "generation", "creationTimestamp"):
        keep(mine, theirs, field)
    for field in _SET_AT_CREATION:
        if field in theirs and not mine.get(field):
            mine[field] = theirs[field]
    mine.pop("selfLink", None)
