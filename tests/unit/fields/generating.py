"""Two objects of a type for each of its fields, which differ in that field alone.

Rules
- A field that a value has to be given for is compared with another value; all others
  with their absence.
- What else an object needs for its field to matter is in samples.py, by type.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from supervisor.model.schema.types import Field, Form, Shape, TypeSchema
from tests.unit.fields import samples

Path = tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One field on the way to another."""

    type: TypeSchema
    field: Field


Way = tuple[Step, ...]


def ways(type_: TypeSchema, prefix: Way = ()) -> Iterator[Way]:
    """To each field that has no fields of its own."""
    for field in type_.fields.values():
        here = (*prefix, Step(type_, field))
        target = target_of(field.shape)
        if target is None or target.name in samples.WHOLE:
            yield here
        else:
            yield from ways(target, here)


def target_of(shape: Shape) -> TypeSchema | None:
    inner = shape.item if shape.form is Form.LIST else shape
    return inner.target if inner is not None else None


def title(way: Way) -> str:
    """Such as `containers[].ports[].name`."""
    return ".".join(
        s.field.name + ("[]" if s.field.shape.form is Form.LIST else "") for s in way
    )


def pair(way: Way) -> tuple[Any, Any]:
    """An object without the field, or with a first value, and with a second value."""
    within = way[-2].field.name if len(way) > 1 else ""
    before, after = samples.values(way[-1].type.name, way[-1].field, within)
    return _built(way, before), _built(way, after)


def with_value(way: Way, value: Any) -> Any:
    """An object with some value of the field."""
    return _built(way, value)


def _built(way: Way, value: Any, within: str = "") -> Any:
    """The object that the way begins at, with `value` at its end."""
    step, *rest = way
    if rest:
        inner = _built(tuple(rest), value, step.field.name)
        if step.field.shape.form is Form.LIST:
            others = samples.NEIGHBOURS.get((step.type.name, step.field.name), [])
            inner = [inner, *deepcopy(others)]
        value = inner
    made = samples.around(step.type, step.field, within)
    if value is samples.ABSENT:
        made.pop(step.field.name, None)
    else:
        made[step.field.name] = value
    return made
