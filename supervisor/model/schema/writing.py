"""Objects as Go reads and writes them: null, zero and absent values by the schema.

Rules
- Reading: a null member counts as absent. A null in a list or as a value of a map is
  the zero value of its type. A number that stands for a quantity becomes text.
- Writing: a field that is marked `always` is there even when it is zero; any other
  field that has its zero value is left out, unless it is a pointer.
- What does not fit its type is left as it is: `checking` tells of it.

Differs from Kubernetes: an empty list or map that is always written is `[]` or `{}`,
where Go writes null for one that was never set; the official clients refuse that null.

Follows encoding/json (omitempty, and null in decode.go) and the tags in k8s.io/api.
"""

from typing import Any

from supervisor.model.meta import Object, without_nulls
from supervisor.model.schema.types import Field, Form, Shape, TypeSchema

_ZEROS: dict[Form, Any] = {
    Form.STRING: "",
    Form.INT32: 0,
    Form.INT64: 0,
    Form.BOOL: False,
    Form.BYTES: "",
    Form.QUANTITY: "0",
    Form.TIME: None,
    Form.MICRO_TIME: None,
    Form.INT_OR_STRING: 0,
    Form.ANY: None,
}
#: Forms that Go writes whatever their value when they are no pointers.
_NEVER_LEFT_OUT = {Form.OBJECT, Form.QUANTITY, Form.INT_OR_STRING, Form.ANY}


def as_read(obj: Object, type_: TypeSchema) -> Object:
    """A copy of `obj` without any null; unknown fields are kept."""
    return {
        name: _read(value, type_.fields[name].shape)
        if name in type_.fields
        else without_nulls(value)
        for name, value in obj.items()
        if value is not None
    }


def _read(value: Any, shape: Shape) -> Any:
    if shape.target is not None and isinstance(value, dict):
        return as_read(value, shape.target)
    if shape.item is not None and isinstance(value, list):
        return [_element(element, shape.item) for element in value]
    if shape.item is not None and isinstance(value, dict):
        return {key: _element(entry, shape.item) for key, entry in value.items()}
    if shape.form is Form.QUANTITY and isinstance(value, int | float):
        return value if isinstance(value, bool) else repr(value)
    return without_nulls(value)


def _element(value: Any, shape: Shape) -> Any:
    if value is not None:
        return _read(value, shape)
    # A time has no zero that is text; a list of them stands nowhere in the table.
    return zero(shape)


def zero(shape: Shape) -> Any:
    """The value that Go's type has before anything is set; a new one each time."""
    match shape.form:
        case Form.OBJECT:
            assert shape.target is not None
            return as_written({}, shape.target)
        case Form.LIST:
            return []
        case Form.MAP:
            return {}
        case form:
            return _ZEROS[form]


def as_written(obj: Object, type_: TypeSchema) -> Object:
    """A copy of `obj` with what is always written, and without other zero values."""
    written = {}
    for name, value in obj.items():
        known = type_.fields.get(name)
        if known is None:
            written[name] = value
            continue
        shown = _nested(value, known.shape)
        if known.always or not _is_left_out(shown, known):
            written[name] = shown
    for known in type_.always:
        if written.get(known.name) is None:
            written[known.name] = None if known.pointer else zero(known.shape)
    return written


def _nested(value: Any, shape: Shape) -> Any:
    if shape.target is not None and isinstance(value, dict):
        return as_written(value, shape.target)
    if shape.item is not None and isinstance(value, list):
        return [_nested(element, shape.item) for element in value]
    if shape.item is not None and isinstance(value, dict):
        return {key: _nested(entry, shape.item) for key, entry in value.items()}
    return value


def _is_left_out(value: Any, known: Field) -> bool:
    if value is None:
        return True
    if known.pointer or known.shape.form in _NEVER_LEFT_OUT:
        return False
    return not value
