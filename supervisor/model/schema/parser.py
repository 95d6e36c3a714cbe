"""Read the text format of the `*.schema` files.

A file begins with `package NAME`, the prefix of OpenAPI names, and `version
APIVERSION`, and may go on with `like APIVERSION KIND ...` (see `catalog.py`). Then come
entries, each at the start of a line:

    alias NAME SHAPE [VALUE ...]
    type NAME : DESCRIPTION
    kind NAME [list] : DESCRIPTION

`list` also makes the kind NAMEList. Below a type or kind stand its fields, indented:

    NUMBER name[!] SHAPE [merge | merge=KEY] [retain] [always] : DESCRIPTION
    NUMBER + TYPE

NUMBER is the protobuf number, `!` marks required fields, `always` those that are
written even when they are zero (see `Field.always`), `+` inlines another type. A SHAPE
is `string`, `int32`, …, the name of a type or alias, `[]SHAPE`, `{}SHAPE` (a map) or
`*SHAPE`, whose absence differs from its zero value. `#` begins a comment line.

Rules
- Every fault is a SchemaError that names file and line: a wrong table is a bug of ours.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from supervisor.model.schema.types import Field, Form, Shape, TypeSchema

Resolve = Callable[[str], "TypeSchema | Shape | None"]
"""Finds a name of another package."""

_SCALARS = {
    form.value: Shape(form)
    for form in Form
    if form not in (Form.LIST, Form.MAP, Form.OBJECT)
}
_API_VERSION = Field(
    "apiVersion",
    _SCALARS["string"],
    "Group and version of the API that this object is written in.",
)
_KIND = Field("kind", _SCALARS["string"], "Kind of this object, in CamelCase.")


class SchemaError(Exception):
    """A `*.schema` file that cannot be understood."""


@dataclass
class _Entry:
    """A type as read, before the names in it are resolved."""

    schema: TypeSchema
    lists: bool
    lines: list[tuple[str, str]] = field(default_factory=list)
    """Where, and the line of a field."""


@dataclass
class Package:
    """All types of one group and version."""

    name: str = ""
    api_version: str = ""
    types: dict[str, TypeSchema] = field(default_factory=dict)
    aliases: dict[str, Shape] = field(default_factory=dict)

    def find(self, name: str) -> TypeSchema | Shape | None:
        return self.types.get(name) or self.aliases.get(name)


def parse(files: dict[str, str], resolve: Resolve) -> Package:
    """The package that these files (text by name) describe together."""
    package = Package()
    entries: list[_Entry] = []
    aliases: list[tuple[str, str]] = []
    for file, text in files.items():
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                _read_line(package, entries, aliases, f"{file}:{number}", line)
    linker = _Linker(package, {e.schema.name: e for e in entries}, resolve)
    for where, line in aliases:
        linker.alias(where, line)
    for entry in entries:
        linker.link(entry)
    for schema in package.types.values():
        schema.always = tuple(f for f in schema.fields.values() if f.always)
    for entry in entries:
        if entry.lists:
            linker.add_list(entry.schema)
    return package


def _read_line(
    package: Package,
    entries: list[_Entry],
    aliases: list[tuple[str, str]],
    where: str,
    line: str,
) -> None:
    word, _, rest = line.partition(" ")
    match word:
        case "":
            if not entries:
                raise SchemaError(f"{where}: a field outside of a type")
            entries[-1].lines.append((where, line.strip()))
        case "package":
            package.name = rest
        case "version":
            package.api_version = rest
        case "like":
            pass  # see catalog.py
        case "alias":
            aliases.append((where, rest))
        case "type" | "kind":
            head, _, description = rest.partition(" : ")
            name, *flags = head.split()
            if name in package.types or set(flags) - {"list"}:
                raise SchemaError(f"{where}: {head!r} is a duplicate or has odd flags")
            schema = TypeSchema(
                name, package.name, package.api_version, description, word == "kind"
            )
            package.types[name] = schema
            entries.append(_Entry(schema, "list" in flags))
        case _:
            raise SchemaError(f"{where}: expected package, version, alias, type, kind")


class _Linker:
    """Builds Fields from the lines of each type; inlined types are built first."""

    def __init__(
        self, package: Package, entries: dict[str, _Entry], resolve: Resolve
    ) -> None:
        self._package = package
        self._entries = entries
        self._resolve = resolve
        self._done: set[str] = set()

    def alias(self, where: str, line: str) -> None:
        name, shape_text, *values = line.split()
        shape = self._shape(where, shape_text)
        choices = tuple(v.strip('"') for v in values)
        go_name = f"{self._package.name.rpartition('.')[2]}.{name}"
        self._package.aliases[name] = Shape(
            shape.form, shape.item, shape.target, go_name, choices
        )

    def link(self, entry: _Entry) -> None:
        schema = entry.schema
        if schema.name in self._done:
            return
        self._done.add(schema.name)
        if schema.is_kind:
            schema.fields |= {"apiVersion": _API_VERSION, "kind": _KIND}
        for where, line in entry.lines:
            try:
                self._field(schema, where, line)
            except ValueError as error:
                raise SchemaError(f"{where}: cannot read {line!r}: {error}") from None

    def _field(self, schema: TypeSchema, where: str, line: str) -> None:
        head, _, description = line.partition(" : ")
        number_text, name, shape_text, *flags = head.split()
        number = int(number_text)
        if number in schema.wire:
            raise SchemaError(f"{where}: number {number} is taken")
        if name == "+":
            inlined = self._inlined(where, shape_text)
            schema.wire[number] = inlined
            schema.fields |= inlined.fields
            return
        merge = next((f for f in flags if f.split("=")[0] == "merge"), None)
        if set(flags) - {merge, "retain", "always"}:
            raise SchemaError(f"{where}: unknown flags in {flags}")
        made = Field(
            name.rstrip("!"),
            self._shape(where, shape_text.removeprefix("*")),
            description,
            required=name.endswith("!"),
            pointer=shape_text.startswith("*"),
            merges=merge is not None,
            merge_key=(merge or "").partition("=")[2],
            retain_keys="retain" in flags,
            always="always" in flags,
        )
        if made.name in schema.fields:
            raise SchemaError(f"{where}: field {made.name} is a duplicate")
        schema.fields[made.name] = schema.wire[number] = made

    def _inlined(self, where: str, name: str) -> TypeSchema:
        if name not in self._entries:
            raise SchemaError(f"{where}: cannot inline {name}: not in this package")
        self.link(self._entries[name])
        return self._entries[name].schema

    def _shape(self, where: str, text: str) -> Shape:
        if text.startswith("[]"):
            return Shape(Form.LIST, self._shape(where, text[2:]))
        if text.startswith("{}"):
            return Shape(Form.MAP, self._shape(where, text[2:]))
        found = _SCALARS.get(text) or self._package.find(text) or self._resolve(text)
        if found is None:
            raise SchemaError(f"{where}: there is no type {text}")
        if isinstance(found, TypeSchema):
            return Shape(Form.OBJECT, target=found)
        return found

    def add_list(self, item: TypeSchema) -> None:
        made = TypeSchema(
            f"{item.name}List",
            item.package,
            item.api_version,
            f"A list of objects of kind {item.name}.",
            is_kind=True,
            is_list=True,
        )
        meta = self._shape("", "ListMeta")
        items = Shape(Form.LIST, Shape(Form.OBJECT, target=item))
        wire = {
            1: Field("metadata", meta, "Standard list metadata.", always=True),
            2: Field("items", items, "The objects.", required=True, always=True),
        }
        made.wire.update(wire)
        made.fields |= {"apiVersion": _API_VERSION, "kind": _KIND}
        made.fields |= {f.name: f for f in wire.values()}
        made.always = tuple(wire.values())
        self._package.types[made.name] = made
