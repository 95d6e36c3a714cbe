"""The table of engines."""

from supervisor.kinds.columns import (
    AGE,
    NAME,
    NONE,
    Cell,
    Column,
    Printer,
    age_of,
    get,
    labels_text,
    name_of,
)
from supervisor.model.meta import Object

_COLUMNS = (
    NAME,
    Column("Endpoint", "Where the engine is."),
    Column("Phase", "Whether the daemon is connected to it."),
    Column("Version", "The version of the engine."),
    AGE,
    Column("Message", "Why it is not connected, or what its removal waits for."),
    Column("Engine-ID", "The identity of the engine.", wide=True),
    Column("Network", "The Docker network of the pods.", wide=True),
    Column("Reach", "How the daemon reaches ports of pods.", wide=True),
    Column("Node-Labels", "Further labels of the node.", wide=True),
)


def _phase(engine: Object) -> str:
    if get(engine, "metadata.deletionTimestamp"):
        return "Removing"
    return str(get(engine, "status.phase", "Connecting"))


def _cells(engine: Object, now: float) -> list[Cell]:
    return [
        name_of(engine),
        get(engine, "spec.endpoint", ""),
        _phase(engine),
        get(engine, "status.engineVersion", NONE),
        age_of(engine, now),
        get(engine, "status.message", ""),
        get(engine, "status.engineID", NONE),
        get(engine, "spec.network", ""),
        get(engine, "spec.reach", ""),
        labels_text(get(engine, "spec.labels")),
    ]


PRINTER = Printer(_COLUMNS, _cells)
