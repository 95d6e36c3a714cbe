"""The table of Engines."""

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
    Column("Endpoint", "Address of the engine."),
    Column("Phase", "Whether the daemon is connected to the engine."),
    Column("Version", "Version of the engine."),
    AGE,
    Column("Message", "Why it is not connected, or what its removal is waiting for."),
    Column("Engine-ID", "Identity of the engine.", wide=True),
    Column("Network", "Docker network of pods.", wide=True),
    Column("Reach", "How the daemon reaches ports of pods.", wide=True),
    Column("Node-Labels", "Additional labels of the node.", wide=True),
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
