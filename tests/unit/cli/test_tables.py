"""Tables as kubectl prints them."""

from typing import Any

from supervisor.cli.tables import TableWriter
from supervisor.model.meta import Object

COLUMNS = [
    {"name": "Name", "format": "name", "priority": 0},
    {"name": "Ready", "priority": 0},
    {"name": "Node", "priority": 1},
]


def row(*cells: Any, **metadata: Any) -> Object:
    meta = {"name": cells[0], "namespace": "default", **metadata}
    return {"cells": list(cells), "object": {"metadata": meta}}


def printed(*rows: Object, **options: Any) -> list[str]:
    lines: list[str] = []
    TableWriter(lines.append, **options).add(
        {"columnDefinitions": COLUMNS, "rows": list(rows)}
    )
    return lines


def test_columns_are_separated_by_three_spaces() -> None:
    """At least six wide; the last column is not padded."""
    assert printed(row("a", "1/1", "n"), row("long-name", "0/1", "n")) == [
        "NAME        READY",
        "a           1/1",
        "long-name   0/1",
    ]


def test_wide_shows_further_columns() -> None:
    """Those with a priority above 0."""
    assert printed(row("a", "1/1", "n"), wide=True)[0] == "NAME   READY   NODE"


def test_labels_get_columns() -> None:
    """-L is titled by the last part of the key; --show-labels shows all."""
    found = printed(
        row("a", "1/1", "n", labels={"x/tier": "front", "app": "b"}),
        row("b", "1/1", "n"),
        label_columns=["x/tier"],
        show_labels=True,
    )

    assert [line.split() for line in found] == [
        ["NAME", "READY", "TIER", "LABELS"],
        ["a", "1/1", "front", "app=b,x/tier=front"],
        ["b", "1/1", "<none>"],
    ]


def test_namespaces_and_kinds_are_prefixed() -> None:
    """The namespace with -A, the kind if there are several."""
    found = printed(row("a", "1/1", "n"), with_namespace=True, prefix="pod/")

    assert found[1] == "default     pod/a   1/1"


def test_no_rows_print_nothing() -> None:
    """Not even a header."""
    assert printed() == []


def test_later_rows_keep_the_column_widths() -> None:
    """A watch prints its header once."""
    lines: list[str] = []
    writer = TableWriter(lines.append)
    writer.add({"columnDefinitions": COLUMNS, "rows": [row("long-name", "0/1", "n")]})

    writer.add({"rows": [row("a", "1/1", "n")]})

    assert lines[2] == "a           1/1"


def test_a_cell_is_one_line() -> None:
    """Text after a line break is cut off; null is `<none>`."""
    assert printed(row("a", "x\ny", "n"), headers=False) == ["a     x..."]
    assert printed(row("a", None, "n"), headers=False) == ["a     <none>"]
