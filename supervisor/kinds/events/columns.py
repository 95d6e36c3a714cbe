"""The table of events.

Follows printEvent of pkg/printers/internalversion/printers.go.
"""

from supervisor.kinds.columns import (
    UNKNOWN,
    Cell,
    Column,
    Printer,
    get,
    name_of,
    since,
)
from supervisor.model.meta import Object

_COLUMNS = (
    Column("Last Seen", "Time since the last occurrence."),
    Column("Type", "Normal or Warning."),
    Column("Reason", "Reason in one word."),
    Column("Object", "Object of the event."),
    Column("Subobject", "Part of the object.", wide=True),
    Column("Source", "Component that reported the event.", wide=True),
    Column("Message", "Human-readable description."),
    Column("First Seen", "Time since the first occurrence.", wide=True),
    Column("Count", "Number of occurrences.", "integer", wide=True),
    Column("Name", "Name of the event.", format="name", wide=True),
)


def _seen(event: Object, now: float) -> tuple[str, str]:
    """The time since the first and the last occurrence."""
    first = since(event.get("firstTimestamp"), now)
    if first == UNKNOWN:
        first = since(event.get("eventTime"), now)
    last = since(event.get("lastTimestamp"), now)
    if last == UNKNOWN:
        last = first
    if event.get("series"):
        last = since(get(event, "series.lastObservedTime"), now)
    return first, last


def _count(event: Object) -> int:
    if event.get("series"):
        return int(get(event, "series.count", 0))
    return int(event.get("count") or 1)


def _target(event: Object) -> str:
    kind = get(event, "involvedObject.kind", "").lower()
    name = get(event, "involvedObject.name", "")
    return f"{kind}/{name}" if name else kind


def _source(event: Object) -> str:
    reporter = event.get("reportingComponent") or ""
    component = get(event, "source.component") or reporter
    host = get(event, "source.host") or event.get("reportingInstance")
    return f"{component}, {host}" if host else component


def _cells(event: Object, now: float) -> list[Cell]:
    first, last = _seen(event, now)
    return [
        last,
        event.get("type") or "",
        event.get("reason") or "",
        _target(event),
        get(event, "involvedObject.fieldPath", ""),
        _source(event),
        (event.get("message") or "").strip(),
        first,
        _count(event),
        name_of(event),
    ]


PRINTER = Printer(_COLUMNS, _cells)
