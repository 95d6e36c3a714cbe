"""Lenient reading of stored objects that the API would reject today. Pure.

Such objects come from older versions, from other programs that write to the store, or
from damage. They are rare and the checks are slow, so objects are examined only after
decoding has failed.

Rules
- Nulls in lists and missing fields are read as in Go.
- Invalid parts of a status are dropped: agents and controllers write it again.
- Any other value of a wrong type makes the object unreadable. With `closely`, so does a
  validation error: readers rely on validated objects.
"""

from copy import deepcopy
from dataclasses import dataclass

import msgspec

from supervisor.kinds import writing
from supervisor.kinds.all import CATALOG
from supervisor.kinds.base import Kind
from supervisor.model import schema
from supervisor.model.meta import Object, decode

_MAX_FAULTS = 3
_LONG_AGO = "1970-01-01T00:00:00Z"


@dataclass(frozen=True)
class Verdict:
    obj: Object | None
    """The object to use; None if it must be ignored."""
    because: str = ""
    """What is wrong with the object; empty if nothing relevant is."""


def examine(resource: str, obj: Object, *, closely: bool = False) -> Verdict:
    """Examine an object, whose metadata has name, namespace and uid. Never raises."""
    known = _known(resource)
    if known is None:
        return Verdict(obj)
    verdict = _by_type(known, obj)
    if verdict.obj is None or not closely:
        return verdict
    complete = deepcopy(verdict.obj)
    writing.complete(known, complete)
    wrong = writing.validate_new(known, complete)
    if not wrong:
        return verdict
    return Verdict(None, "; ".join(str(error) for error in wrong[:_MAX_FAULTS]))


def resource_of(obj: Object) -> str | None:
    """The resource name for the kind of an object, or None."""
    served = CATALOG.by_kind(str(obj.get("apiVersion")), str(obj.get("kind")))
    return served.resource.identity.resource if served is not None else None


def _known(resource: str) -> Kind | None:
    return next((k for k in CATALOG.writable if k.identity.resource == resource), None)


def _by_type(known: Kind, obj: Object) -> Verdict:
    read, wrong = _read(known, obj)
    if not wrong:
        return Verdict(read)
    status = _type(known).fields.get("status")
    if status is not None:
        fitting = schema.drop_mistyped(obj.get("status"), status.shape)
        read, still = _read(known, obj | {"status": fitting})
        if not still:
            return Verdict(read, f"part of its status is ignored: {wrong}")
    return Verdict(None, wrong)


def _read(known: Kind, obj: Object) -> tuple[Object, str]:
    """`obj` as it would be stored, and why it cannot be decoded, if so."""
    type_ = _type(known)
    plain = schema.as_read(obj, type_)
    found = schema.check(plain, type_).type_errors
    if found:
        return plain, "; ".join(found[:_MAX_FAULTS])
    written = schema.as_written(plain, type_)
    written["metadata"].setdefault("creationTimestamp", _LONG_AGO)
    if known.value_type is None:
        return written, ""
    try:
        decode(known.value_type, written)
    except msgspec.ValidationError as error:
        return written, str(error)
    return written, ""


def _type(known: Kind) -> schema.TypeSchema:
    type_ = schema.lookup(known.identity.api_version, known.identity.kind)
    assert type_ is not None
    return type_
