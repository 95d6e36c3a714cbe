"""Everything on an engine that carries a label of ours.

Rules
- Containers, volumes and networks are listed alike, including those of other nodes and
  clusters; only so are leftovers found.
- Only what carries this cluster's and this node's labels can be removed.
"""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from enum import Enum
from typing import Protocol


class Sort(Enum):
    CONTAINER = "container"
    VOLUME = "volume"
    NETWORK = "network"


class Whose(Enum):
    OURS = "ours"
    OTHER_NODE = "another node's"
    """Of this cluster, but of a node other than this engine."""
    OTHER_CLUSTER = "another cluster's"


@dataclass(frozen=True)
class Labelled:
    """A container, volume or network with our labels."""

    sort: Sort
    id: str
    """The engine's id for it; a volume's is its name."""
    name: str
    whose: Whose
    _: KW_ONLY
    node: str = ""
    pod_uid: str = ""
    """Empty for what belongs to no pod."""
    pod: str = ""
    """NAMESPACE/NAME."""
    is_part: bool = False
    """Whether it is a sandbox, a container of the spec, or a volume of its pod, which
    `Pods.pods` counts; false for helpers and networks."""
    created_at: float = 0.0


class Inventory(Protocol):
    def labelled(self) -> Sequence[Labelled]:
        """Everything with a cluster label, of other clusters too; claims excepted."""

    def remove_labelled(self, found: Labelled) -> None:
        """Remove what is ours, even a running container; it may be gone already.

        Raises EngineRefused when it is in use or not ours.
        """
