"""Compare an object with its type: unknown fields, and values of a wrong type.

Rules
- Null counts as absent, everywhere.
- Type errors have the words of the JSON decoder that upstream uses, and name the field
  with its struct; faulty quantities, times and base64 also name the path.
- The path of an unknown field has indexes: `spec.containers[0].imagee`.

Follows sigs.k8s.io/json and apimachinery/pkg/runtime/serializer/json/json.go.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from supervisor.model import base64_text
from supervisor.model.meta import Object
from supervisor.model.schema import scalars
from supervisor.model.schema.types import Form, Shape, TypeSchema


@dataclass
class Findings:
    unknown: list[str] = field(default_factory=list)
    """Paths of fields that the type does not have."""
    type_errors: list[str] = field(default_factory=list)
    """What is wrong with values, one sentence each."""


@dataclass(frozen=True)
class _Place:
    """Where a value stands: its path, and how Go's decoder would name it."""

    path: str = ""
    names: str = ""
    """The path without indexes and map keys."""
    struct: str = ""
    """The struct that holds the field."""

    def field(self, struct: str, name: str) -> "_Place":
        return _Place(_join(self.path, name), _join(self.names, name), struct)

    def element(self, index: int) -> "_Place":
        return _Place(f"{self.path}[{index}]", self.names, self.struct)

    def entry(self, key: str) -> "_Place":
        return _Place(_join(self.path, key), self.names, self.struct)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def check(obj: Object, type_: TypeSchema) -> Findings:
    """What in `obj` does not fit its type."""
    findings = Findings()
    _check_object(obj, type_, _Place(), findings)
    return findings


def drop_unknown(obj: Object, type_: TypeSchema) -> None:
    """Remove every field that the type does not have, in place."""
    for name in [n for n in obj if n not in type_.fields]:
        del obj[name]
    for name, value in obj.items():
        for nested, target in _objects(value, type_.fields[name].shape):
            drop_unknown(nested, target)


def canonical_bytes(obj: Object, type_: TypeSchema) -> None:
    """Write every value that is bytes as Go does, in place. `check` has found none that
    is not base64."""
    for name, known in type_.fields.items():
        if obj.get(name) and _holds_bytes(known.shape):
            obj[name] = _canonical(obj[name], known.shape)


def _canonical(value: Any, shape: Shape) -> Any:
    if shape.form is Form.BYTES and isinstance(value, str):
        return base64_text.canonical(value)
    if shape.target is not None and isinstance(value, dict):
        canonical_bytes(value, shape.target)
    elif shape.item is not None and isinstance(value, dict):
        return {key: _canonical(entry, shape.item) for key, entry in value.items()}
    elif shape.item is not None and isinstance(value, list):
        return [_canonical(element, shape.item) for element in value]
    return value


@cache
def _holds_bytes(shape: Shape) -> bool:
    """Whether a value of the shape may have bytes in it. (No type holds itself.)"""
    if shape.form is Form.BYTES:
        return True
    if shape.item is not None:
        return _holds_bytes(shape.item)
    fields = shape.target.fields.values() if shape.target else ()
    return any(_holds_bytes(known.shape) for known in fields)


def _objects(value: Any, shape: Shape) -> Iterator[tuple[Object, TypeSchema]]:
    """The typed objects in a value, not looking into them."""
    if shape.target is not None and isinstance(value, dict):
        yield value, shape.target
    elif shape.item is not None and isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _objects(one, shape.item)


def without_mistyped(obj: Object, type_: TypeSchema) -> Object:
    """A copy of `obj` without what does not fit its type."""
    found = drop_mistyped(obj, Shape(Form.OBJECT, target=type_))
    return found if isinstance(found, dict) else {}


def drop_mistyped(value: Any, shape: Shape) -> Any:
    """A copy of `value` without what does not fit; None if it does not fit itself.

    What a map has, and fields that the type does not know, are judged as well.
    """
    match shape.form, value:
        case Form.OBJECT, dict():
            assert shape.target is not None
            shapes = {n: f.shape for n, f in shape.target.fields.items()}
            found = {
                n: drop_mistyped(v, shapes[n]) for n, v in value.items() if n in shapes
            }
            return {
                name: fitting for name, fitting in found.items() if fitting is not None
            }
        case Form.MAP, dict():
            assert shape.item is not None
            found = {key: drop_mistyped(v, shape.item) for key, v in value.items()}
            return {
                key: fitting for key, fitting in found.items() if fitting is not None
            }
        case Form.LIST, list():
            assert shape.item is not None
            kept = (drop_mistyped(element, shape.item) for element in value)
            return [fitting for fitting in kept if fitting is not None]
        case _:
            return None if scalars.fault(value, shape.form) else value


def _check_object(
    obj: Object, type_: TypeSchema, place: _Place, findings: Findings
) -> None:
    for name, value in obj.items():
        known = type_.fields.get(name)
        if known is None:
            findings.unknown.append(_join(place.path, name))
        elif value is not None:
            _check_value(value, known.shape, place.field(type_.name, name), findings)


def _check_value(value: Any, shape: Shape, place: _Place, findings: Findings) -> None:
    match shape.form, value:
        case _, None:
            pass
        case Form.OBJECT, dict():
            assert shape.target is not None
            _check_object(value, shape.target, place, findings)
        case Form.LIST, list():
            assert shape.item is not None
            for index, element in enumerate(value):
                _check_value(element, shape.item, place.element(index), findings)
        case Form.MAP, dict():
            assert shape.item is not None
            for key, entry in value.items():
                _check_value(entry, shape.item, place.entry(key), findings)
        case _:
            if fault := scalars.fault(value, shape.form):
                findings.type_errors.append(_sentence(fault, value, shape, place))


def _sentence(fault: str, value: Any, shape: Shape, place: _Place) -> str:
    if fault != scalars.MISFIT:
        return f"{fault} ({place.path})"
    found = scalars.describe(value, shape.form)
    type_name = shape.go_name()
    where = f"Go struct field {place.struct}.{place.names}"
    return f"json: cannot unmarshal {found} into {where} of type {type_name}"
