"""JSON schemas of the types in the schema table; the form of references is a parameter.

Rules
- Every reference has a definition: `reachable` returns all referenced types.
- Lists that strategic merge patches merge carry x-kubernetes-patch-strategy and
  x-kubernetes-patch-merge-key.
"""

from collections.abc import Callable, Iterable
from typing import Any

from supervisor.model.meta import Object
from supervisor.model.schema import Field, Form, Shape, TypeSchema

Refer = Callable[[str, str], Object]
"""Creates a reference to a definition, given its name and a description."""

_META = "io.k8s.apimachinery.pkg.apis.meta.v1"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
TIME = f"{_META}.Time"
MICRO_TIME = f"{_META}.MicroTime"
FIELDS = f"{_META}.FieldsV1"
PATCH = f"{_META}.Patch"

_SCALARS: dict[Form, Object] = {
    Form.STRING: {"type": "string"},
    Form.INT32: {"type": "integer", "format": "int32"},
    Form.INT64: {"type": "integer", "format": "int64"},
    Form.BOOL: {"type": "boolean"},
    Form.BYTES: {"type": "string", "format": "byte"},
}
_NAMED = {
    Form.QUANTITY: QUANTITY,
    Form.INT_OR_STRING: INT_OR_STRING,
    Form.TIME: TIME,
    Form.MICRO_TIME: MICRO_TIME,
    Form.ANY: FIELDS,
}

#: Definitions of scalar types, in the format of v2.
PLAIN: dict[str, Object] = {
    QUANTITY: {
        "type": "string",
        "description": "An amount, such as 100m, 1.5, 64Mi or 2G.",
    },
    INT_OR_STRING: {
        "type": "string",
        "format": "int-or-string",
        "description": "A number, or a name.",
    },
    TIME: {
        "type": "string",
        "format": "date-time",
        "description": "An instant in RFC 3339, such as 2026-01-02T03:04:05Z.",
    },
    MICRO_TIME: {
        "type": "string",
        "format": "date-time",
        "description": "An instant in RFC 3339 with microseconds.",
    },
    FIELDS: {"type": "object", "description": "A set of fields."},
    PATCH: {"type": "object", "description": "The body of a patch."},
}


def reachable(roots: Iterable[TypeSchema]) -> list[TypeSchema]:
    """The types and all types they refer to, sorted by name."""
    found: dict[str, TypeSchema] = {}
    todo = list(roots)
    while todo:
        type_ = todo.pop()
        if type_.full_name not in found:
            found[type_.full_name] = type_
            todo += [t for f in type_.fields.values() if (t := _target(f.shape))]
    return [found[name] for name in sorted(found)]


def _target(shape: Shape) -> TypeSchema | None:
    return _target(shape.item) if shape.item else shape.target


def definition(type_: TypeSchema, refer: Refer, served: Iterable[str]) -> Object:
    """The JSON schema of a type; `served` are all served groups and versions."""
    schema: Object = {"description": type_.description, "type": "object"}
    required = sorted(f.name for f in type_.fields.values() if f.required)
    if required:
        schema["required"] = required
    schema["properties"] = {
        name: _property(type_.fields[name], refer) for name in sorted(type_.fields)
    }
    if type_.is_kind:
        is_shared = type_.api_version == "meta.k8s.io/v1"
        versions = sorted(served) if is_shared else [type_.api_version]
        schema["x-kubernetes-group-version-kind"] = [
            {
                "group": version.rpartition("/")[0],
                "version": version.rpartition("/")[2],
                "kind": type_.name,
            }
            for version in versions
        ]
    return schema


def _property(known: Field, refer: Refer) -> Object:
    schema = _shape(known.shape, refer, known.description)
    if known.merges:
        schema["x-kubernetes-patch-strategy"] = known.strategy
    if known.merge_key:
        schema["x-kubernetes-patch-merge-key"] = known.merge_key
    return schema


def _shape(shape: Shape, refer: Refer, description: str = "") -> Object:
    text: dict[str, Any] = {"description": description} if description else {}
    if shape.item is not None:
        nested = _shape(shape.item, refer)
        if shape.form is Form.LIST:
            return text | {"type": "array", "items": nested}
        return text | {"type": "object", "additionalProperties": nested}
    if shape.target is not None:
        return refer(shape.target.full_name, description)
    if shape.form in _NAMED:
        return refer(_NAMED[shape.form], description)
    choices = {"enum": list(shape.choices)} if shape.choices else {}
    return text | _SCALARS[shape.form] | choices
