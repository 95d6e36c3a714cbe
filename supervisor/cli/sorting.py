"""Sorting for `--sort-by`: missing values first, then numbers, then strings.

Follows kubectl/pkg/cmd/get/sorter.go.
"""

from collections.abc import Sequence
from typing import Any

from supervisor.cli import jsonpath
from supervisor.cli.failure import Failure
from supervisor.model.meta import Object


def sorted_objects(objects: Sequence[Object], path: str) -> list[Object]:
    """`objects` sorted by the field at `path`. Raises Failure if none has the field."""
    return [objects[index] for index in _order(objects, path)]


def sorted_rows(table: Object, path: str) -> Object:
    """`table` with rows sorted by a field of their objects. Raises Failure."""
    rows = table.get("rows") or []
    objects = [row.get("object") or {} for row in rows]
    return table | {"rows": [rows[index] for index in _order(objects, path)]}


def _order(objects: Sequence[Object], path: str) -> list[int]:
    template = jsonpath.parse(path if path.startswith("{") else f"{{{_dotted(path)}}}")
    found = [jsonpath.values(template, obj) for obj in objects]
    if objects and not any(found):
        raise Failure(f"couldn't find any field with path {path!r} in the objects")
    return sorted(range(len(objects)), key=lambda index: _key(found[index]))


def _dotted(path: str) -> str:
    return path if path.startswith((".", "[", "$", "@")) else f".{path}"


def _key(values: Sequence[Any]) -> tuple[int, float, str]:
    if not values:
        return (0, 0.0, "")
    value = values[0]
    if isinstance(value, int | float):
        return (1, float(value), "")
    return (2, 0.0, jsonpath.to_text(value))
