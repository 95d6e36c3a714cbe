"""The table of ReplicationControllers.

Follows printReplicationController of pkg/printers/internalversion/printers.go.
"""

from supervisor.kinds.columns import (
    AGE,
    NAME,
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
    Column("Desired", "Desired number of pods.", "integer"),
    Column("Current", "Current number of pods.", "integer"),
    Column("Ready", "Number of ready pods.", "integer"),
    AGE,
    Column("Containers", "Names of the containers in the template.", wide=True),
    Column("Images", "Images of the containers in the template.", wide=True),
    Column("Selector", "Label selector of the pods.", wide=True),
)


def _cells(rc: Object, now: float) -> list[Cell]:
    containers = get(rc, "spec.template.spec.containers", [])
    return [
        name_of(rc),
        get(rc, "spec.replicas", 0),
        get(rc, "status.replicas", 0),
        get(rc, "status.readyReplicas", 0),
        age_of(rc, now),
        ",".join(c.get("name", "") for c in containers),
        ",".join(c.get("image", "") for c in containers),
        labels_text(get(rc, "spec.selector")),
    ]


PRINTER = Printer(_COLUMNS, _cells)
