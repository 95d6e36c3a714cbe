"""Columns that tables of workloads share."""

from supervisor.kinds.columns import NONE, Cell, Column, get
from supervisor.kinds.workloads import selecting
from supervisor.model.meta import Object

CONTAINERS = Column("Containers", "Names of the containers in the template.", wide=True)
IMAGES = Column("Images", "Images of the containers in the template.", wide=True)
SELECTOR = Column("Selector", "Labels of the pods that count.", wide=True)


def containers_and_images(obj: Object, template: str = "spec.template") -> list[Cell]:
    containers = get(obj, f"{template}.spec.containers", [])
    return [
        ",".join(str(c.get("name", "")) for c in containers),
        ",".join(str(c.get("image", "")) for c in containers),
    ]


def selector_text(obj: Object) -> str:
    """The selector, or what kubectl shows for none."""
    return selecting.text_of(obj) or NONE
