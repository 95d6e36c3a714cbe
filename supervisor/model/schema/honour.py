"""Which fields of an object upstream knows and we do not act upon.

Rules
- What we honour is what our typed values have (`model/pod.py`, `model/kinds.py`).
- What means the same as absence is no news: null, and the zero value of a field that is
  no pointer. Neither is what the server writes itself: `status`, and metadata that
  comes back when somebody sends what they have read.
"""

from functools import lru_cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from supervisor.model.meta import Object, ObjectMeta, Value
from supervisor.model.schema.types import Field, Form, Shape, TypeSchema

_NEVER_MISSED = {"apiVersion", "kind", "status"}
_WRITTEN_BY_SERVER = {"managedFields", "selfLink"}


def unhonoured(obj: Object, type_: TypeSchema, value_type: type[Value]) -> list[str]:
    """Paths in `obj` that the type has and the typed value lacks."""
    found: list[str] = []
    plain = {k: v for k, v in obj.items() if k not in _NEVER_MISSED}
    _walk(plain, type_, value_type, "", found)
    return found


def _walk(
    obj: Object,
    type_: TypeSchema,
    value_type: type[Value],
    path: str,
    found: list[str],
) -> None:
    honoured = _honoured(value_type)
    silent = _WRITTEN_BY_SERVER if value_type is ObjectMeta else set()
    for name, value in obj.items():
        known = type_.fields.get(name)
        if known is None or name in silent or _is_absent(value, known):
            continue
        here = f"{path}.{name}" if path else name
        if name not in honoured:
            found.append(here)
        elif (nested := honoured[name]) is not None:
            _descend(value, known.shape, nested, here, found)


def _descend(
    value: Any, shape: Shape, value_type: type[Value], path: str, found: list[str]
) -> None:
    if shape.target is not None and isinstance(value, dict):
        _walk(value, shape.target, value_type, path, found)
    elif shape.form is Form.LIST and isinstance(value, list):
        assert shape.item is not None
        for index, element in enumerate(value):
            _descend(element, shape.item, value_type, f"{path}[{index}]", found)


def _is_absent(value: Any, known: Field) -> bool:
    return value is None or (not known.pointer and not value)


@lru_cache(maxsize=256)
def _honoured(value_type: type[Value]) -> dict[str, type[Value] | None]:
    """JSON names of a typed value's fields, with the typed value inside, if any."""
    return {f.encode_name: _nested(f.type) for f in msgspec.structs.fields(value_type)}


def _nested(annotation: Any) -> type[Value] | None:
    """The typed value in `X`, `X | None` or `tuple[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, Value):
        return annotation
    if get_origin(annotation) in (Union, UnionType, tuple):
        found = (_nested(a) for a in get_args(annotation))
        return next((f for f in found if f is not None), None)
    return None
