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


def test_columns_are_three_blanks_apart() -> None:
    """Six letters at least; the last column is not filled up."""
    assert printed(row("a", "1/1", "n"), row("long-name", "0/1", "n")) == [
        "NAME        READY",
        "a           1/1",
        "long-name   0/1",
    ]


def test_wide_shows_the_other_columns() -> None:
    """Those of higher priority number."""
    assert printed(row("a", "1/1", "n"), wide=True)[0] == "NAME   READY   NODE"


def test_labels_get_columns() -> None:
    """-L by the last part of the key, --show-labels all of them."""
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


def test_namespaces_and_kinds_stand_in_front() -> None:
    """With -A the namespace, of several kinds the kind."""
    found = printed(row("a", "1/1", "n"), with_namespace=True, prefix="pod/")

    assert found[1] == "default     pod/a   1/1"


def test_nothing_prints_nothing() -> None:
    """No header without rows."""
    assert printed() == []


def test_rows_that_follow_keep_the_columns() -> None:
    """A watch prints its header once."""
    lines: list[str] = []
    writer = TableWriter(lines.append)
    writer.add({"columnDefinitions": COLUMNS, "rows": [row("long-name", "0/1", "n")]})

    writer.add({"rows": [row("a", "1/1", "n")]})

    assert lines[2] == "a           1/1"


def test_a_cell_is_one_line() -> None:
    """What follows a line break is cut off; nothing is `<none>`."""
    assert printed(row("a", "x\ny", "n"), headers=False) == ["a     x..."]
    assert printed(row("a", None, "n"), headers=False) == ["a     <none>"]
