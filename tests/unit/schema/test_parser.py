"""The text format of the table."""

import pytest

from supervisor.model.schema.parser import Package, SchemaError, parse
from supervisor.model.schema.types import Field, Form

HEAD = "package io.example.v1\nversion example.io/v1\n"


def read(text: str) -> Package:
    return parse({"a.schema": HEAD + text}, lambda name: None)


def test_a_field_has_number_name_shape_flags_and_description() -> None:
    """Every part of a field's line arrives."""
    package = read("type T : A type.\n  7 items! []string merge : Its items.\n")

    field = package.types["T"].wire[7]

    assert isinstance(field, Field)
    assert (field.name, field.shape.form, field.required) == ("items", Form.LIST, True)
    assert (field.merges, field.merge_key) == (True, "")
    assert field.description == "Its items."


def test_types_may_refer_to_later_ones() -> None:
    """Order does not matter, not even for inlined types."""
    package = read("type A : A.\n  1 + B\ntype B : B.\n  1 c *C : C.\ntype C : C.\n")

    assert package.types["A"].fields["c"].shape.target is package.types["C"]


def test_an_alias_keeps_upstreams_name_and_values() -> None:
    """An alias is a scalar with a name of its own and its known values."""
    package = read('alias Mode string "" On Off\ntype T : T.\n  1 mode Mode : M.\n')

    shape = package.types["T"].fields["mode"].shape

    assert (shape.form, shape.alias) == (Form.STRING, "v1.Mode")
    assert shape.choices == ("", "On", "Off")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("  1 a string : A.\n", "a.schema:3: a field outside of a type"),
        ("type T : T.\n  1 a Nope : A.\n", "a.schema:4: there is no type Nope"),
        ("type T : T.\n  1 a string : A.\n  1 b string : B.\n", "number 1 is taken"),
        ("type T : T.\n  1 a string : A.\n  2 a string : B.\n", "a is a duplicate"),
        ("type T : T.\n  x a string : A.\n", "cannot read"),
        ("type T : T.\n  1 a\n", "cannot read"),
        ("type T : T.\n  1 a string odd : A.\n", "unknown flags"),
        ("type T : T.\n  1 + Nope\n", "cannot inline Nope"),
        ("type T : T.\ntype T : T.\n", "'T' is a duplicate"),
        ("what is this\n", "a.schema:3: expected package"),
    ],
)
def test_a_faulty_table_is_refused_with_its_line(text: str, complaint: str) -> None:
    """A wrong line is reported with its file, its number and what is wrong."""
    with pytest.raises(SchemaError, match=complaint.replace("(", r"\(")):
        read(text)
