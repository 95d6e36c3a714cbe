"""What a printer is: the columns of one resource's table and the cells of a row.

Rules
- Cells stand in the order of the columns, the wide ones included.
- Printers read plain JSON and bear with anything missing in it.
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
    """Shown only with `-o wide`."""

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
    """The row of an object at an instant."""
    conditions: Callable[[Object], list[Object]] = _no_conditions


NAME = Column("Name", "The object's name, unique among its kind.", format="name")
AGE = Column("Age", "The time since the object was created.")


def get(obj: Any, path: str, default: Any = None) -> Any:
    """What stands at a dotted path; `default` where anything on it is absent."""
    found = obj
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return default if found is None else found


def name_of(obj: Object) -> str:
    return str(get(obj, "metadata.name", ""))


def age_of(obj: Object, now: float) -> str:
    return since(get(obj, "metadata.creationTimestamp"), now)


def since(instant: str | None, now: float) -> str:
    """How long ago an RFC 3339 instant was."""
    if not instant:
        return UNKNOWN
    try:
        return human_duration(now - times.to_seconds(instant))
    except ValueError:
        return UNKNOWN


def labels_text(labels: Mapping[str, str] | None) -> str:
    """`a=b,c=d` in order of the keys."""
    listed = ",".join(f"{k}={v}" for k, v in sorted((labels or {}).items()))
    return listed or NONE
