"""The table's rows: types, their fields, and the shape of a field's value.

Rules
- All are immutable once the catalog has handed them out, and shared.
- `TypeSchema.fields` holds the fields as JSON shows them: inlined structs are already
  flattened. `TypeSchema.wire` holds them as protobuf numbers them: not flattened.
"""

from dataclasses import dataclass, field
from enum import Enum


class Form(Enum):
    """What a value looks like. The value is the word in the schema files."""

    STRING = "string"
    INT32 = "int32"
    INT64 = "int64"
    BOOL = "bool"
    BYTES = "bytes"
    QUANTITY = "Quantity"
    TIME = "Time"
    MICRO_TIME = "MicroTime"
    INT_OR_STRING = "IntOrString"
    ANY = "any"
    LIST = "list"
    MAP = "map"
    OBJECT = "object"


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The shape of one value."""

    form: Form
    item: "Shape | None" = None
    """Of the elements of a LIST, and of the values of a MAP."""
    target: "TypeSchema | None" = None
    """The type of an OBJECT."""
    alias: str = ""
    """Upstream's name for it, such as `v1.RestartPolicy`."""
    choices: tuple[str, ...] = ()
    """The values that upstream lists for the alias."""

    def __repr__(self) -> str:
        return self.go_name()

    def go_name(self) -> str:
        """How upstream's error messages name the shape."""
        if self.alias:
            return self.alias
        if self.target is not None:
            return self.target.go_name
        if self.item is not None:
            prefix = "[]" if self.form is Form.LIST else "map[string]"
            return prefix + self.item.go_name()
        return _GO_NAMES.get(self.form, self.form.value)


_GO_NAMES = {
    Form.BYTES: "[]uint8",
    Form.QUANTITY: "resource.Quantity",
    Form.TIME: "v1.Time",
    Form.MICRO_TIME: "v1.MicroTime",
    Form.INT_OR_STRING: "intstr.IntOrString",
    Form.ANY: "interface {}",
}


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field of a type."""

    name: str
    shape: Shape
    description: str = ""
    required: bool = False
    """OpenAPI says that it must be there."""
    pointer: bool = False
    """Its zero value differs from its absence."""
    merges: bool = False
    """A strategic merge patch merges this list instead of replacing it."""
    merge_key: str = ""
    """What tells the list's elements apart; empty for a set of scalars."""
    retain_keys: bool = False
    """Patches of it may carry $retainKeys."""
    always: bool = False
    """It is written even when it has its zero value: Go's tag has no `omitempty`, or
    its Go type is a struct, which `omitempty` does not leave out."""

    @property
    def strategy(self) -> str:
        """The value of x-kubernetes-patch-strategy."""
        words = ("merge",) * self.merges + ("retainKeys",) * self.retain_keys
        return ",".join(words)


@dataclass(slots=True, eq=False)
class TypeSchema:
    """One struct of the API."""

    name: str
    package: str
    """Such as `io.k8s.api.core.v1`."""
    api_version: str
    """Of the package, such as `apps/v1`; `meta.k8s.io/v1` for types of all groups."""
    description: str = ""
    is_kind: bool = False
    is_list: bool = False
    """A kind that lists another."""
    fields: dict[str, Field] = field(default_factory=dict)
    #: By protobuf number: a field, or the type of an inlined struct.
    wire: "dict[int, Field | TypeSchema]" = field(default_factory=dict)

    #: The fields that are written even when they are zero; filled by the parser.
    always: "tuple[Field, ...]" = ()

    def __repr__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """Its name in OpenAPI documents."""
        return f"{self.package}.{self.name}"

    @property
    def go_name(self) -> str:
        return f"{self.package.rpartition('.')[2]}.{self.name}"

    @property
    def group(self) -> str:
        return self.api_version.rpartition("/")[0]

    @property
    def version(self) -> str:
        return self.api_version.rpartition("/")[2]
