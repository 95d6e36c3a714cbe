"""Printers: the columns of a kind's table and the cells of a row.

Rules
- Cells are in the order of the columns, including those for `-o wide`.
- Printers read JSON objects, in which any field may be missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from supervisor.model import times
from supervisor.model.durations import human_duration
from supervisor.model.meta import Object

NONE = "<none>"
UNKNOWN = "<unknown>"

Cell = str | int


@dataclass(frozen=True)
class Column:
    name: str
    description: str
    type: str = "string"
    format: str = ""
    wide: bool = False
    """Whether the column is shown only with `-o wide`."""

    def definition(self) -> Object:
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": self.description,
            "priority": 1 if self.wide else 0,
        }


def _no_conditions(_obj: Object) -> list[Object]:
    return []


@dataclass(frozen=True)
class Printer:
    columns: tuple[Column, ...]
    cells: Callable[[Object, float], list[Cell]]
    """The row of an object at a time in seconds since the epoch."""
    conditions: Callable[[Object], list[Object]] = _no_conditions


NAME = Column("Name", "The object's name, unique among its kind.", format="name")
AGE = Column("Age", "The time since the object was created.")


def get(obj: Any, path: str, default: Any = None) -> Any:
    """The value at a dotted path; `default` if a part of it is absent."""
    found = obj
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return default if found is None else found


def name_of(obj: Object) -> str:
    return str(get(obj, "metadata.name", ""))


def age_of(obj: Object, now: float) -> str:
    """The time since creation; `now` is in seconds since the epoch."""
    return since(get(obj, "metadata.creationTimestamp"), now)


def since(instant: str | None, now: float) -> str:
    """The time since an RFC 3339 timestamp; `<unknown>` if missing or invalid."""
    if not instant:
        return UNKNOWN
    try:
        return human_duration(now - times.to_seconds(instant))
    except ValueError:
        return UNKNOWN


def labels_text(labels: Mapping[str, str] | None) -> str:
    """`a=b,c=d`, sorted by key."""
    listed = ",".join(f"{k}={v}" for k, v in sorted((labels or {}).items()))
    return listed or NONE
