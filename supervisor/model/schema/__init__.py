"""The whole upstream shape of the kinds that we serve, as one table.

The table is written in the `*.schema` files beside this one (see `parser.py` for their
format) and read when it is first asked for. From it come unknown-field and type checks,
warnings about fields that we do not honour, the merge rules of patches, OpenAPI, the
decoding of protobuf bodies, and which fields are always written. A new kind is a new
entry there, and no code.
"""

from supervisor.model.schema.catalog import add, kinds, lookup
from supervisor.model.schema.checking import (
    Findings,
    canonical_bytes,
    check,
    drop_mistyped,
    drop_unknown,
    without_mistyped,
)
from supervisor.model.schema.honour import unhonoured
from supervisor.model.schema.types import Field, Form, Shape, TypeSchema
from supervisor.model.schema.writing import as_read, as_written, zero

__all__ = [
    "Field",
    "Findings",
    "Form",
    "Shape",
    "TypeSchema",
    "add",
    "as_read",
    "as_written",
    "canonical_bytes",
    "check",
    "drop_mistyped",
    "drop_unknown",
    "kinds",
    "lookup",
    "unhonoured",
    "without_mistyped",
    "zero",
]
