"""What can be read of an object that the API would not take today. Pure.

Such objects come from older versions, from other programs that write to the store, and
from damage. They are rare, and looking closely is slow: this is done only after a
reader has failed.

Rules
- Null in lists, and fields that are missing, are read as Go reads them.
- What does not fit in a status is left out: agents and controllers write it anew.
- Whatever else does not fit its type makes the whole object unreadable: what it asks
  for cannot be known. So does, looked at `closely`, what breaks a rule of validation:
  readers count on the rules.
"""

from copy import deepcopy
from dataclasses import dataclass

import msgspec

from supervisor.model import defaults, schema, validation
from supervisor.model.meta import Object, decode
from supervisor.model.value_types import VALUE_TYPES, ValueType

_MOST_FAULTS = 3
_LONG_AGO = "1970-01-01T00:00:00Z"


@dataclass(frozen=True)
class Verdict:
    obj: Object | None
    """The object as it may be read; None when it is better left alone."""
    because: str = ""
    """What is wrong with it; empty when that changes nothing of what it says."""


def examine(resource: str, obj: Object, *, closely: bool = False) -> Verdict:
    """Never raises; `obj` has metadata with a name, a namespace and a uid."""
    known = VALUE_TYPES.get(resource)
    if known is None:
        return Verdict(obj)
    verdict = _by_type(known, obj)
    if verdict.obj is None or not closely:
        return verdict
    complete = deepcopy(verdict.obj)
    defaults.apply(resource, complete)
    wrong = validation.on_create(resource, complete)
    if not wrong:
        return verdict
    return Verdict(None, "; ".join(str(error) for error in wrong[:_MOST_FAULTS]))


def _by_type(known: ValueType, obj: Object) -> Verdict:
    read, wrong = _read(known, obj)
    if not wrong:
        return Verdict(read)
    status = _type(known).fields.get("status")
    if status is not None:
        fitting = schema.drop_misfits(obj.get("status"), status.shape)
        read, still = _read(known, obj | {"status": fitting})
        if not still:
            return Verdict(read, f"part of its status is left out: {wrong}")
    return Verdict(None, wrong)


def _read(known: ValueType, obj: Object) -> tuple[Object, str]:
    """`obj` as it would be written, and what keeps it from being read, if anything."""
    type_ = _type(known)
    plain = schema.as_read(obj, type_)
    found = schema.check(plain, type_).type_errors
    if found:
        return plain, "; ".join(found[:_MOST_FAULTS])
    written = schema.as_written(plain, type_)
    written["metadata"].setdefault("creationTimestamp", _LONG_AGO)
    try:
        decode(known.type, written)
    except msgspec.ValidationError as error:
        return written, str(error)
    return written, ""


def _type(known: ValueType) -> schema.TypeSchema:
    type_ = schema.lookup(known.api_version, known.kind)
    assert type_ is not None
    return type_
