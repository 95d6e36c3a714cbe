"""Everything on an engine that carries a label of ours, whatever it is.

Rules
- Containers, volumes and networks are listed alike, those of other nodes and clusters
  as well: what is left over is found only by looking at all of it.
- Only what carries this very cluster's and node's labels can be removed.
"""

from dataclasses import dataclass
from enum import Enum

HELPER_TYPE = "helper"
"""The type, in the label CONTAINER_TYPE, of a short-lived container that does something
for a pod and is no part of it."""


class Sort(Enum):
    CONTAINER = "container"
    VOLUME = "volume"
    NETWORK = "network"


class Whose(Enum):
    OURS = "ours"
    OTHER_NODE = "another node's"
    """Of this cluster, and of a node that this engine is not."""
    OTHER_CLUSTER = "another cluster's"


@dataclass(frozen=True)
class Labelled:
    sort: Sort
    id: str
    """What the engine knows it by; of a volume that is its name."""
    name: str
    whose: Whose
    cluster: str
    node: str = ""
    pod_uid: str = ""
    """Empty for what belongs to no pod."""
    pod: str = ""
    """NAMESPACE/NAME."""
    is_part: bool = False
    """Whether it is a sandbox, a container of the spec, or a volume of its pod: what
    `Runtime.pods` counts. All else is helpers and networks."""
    created_at: float = 0.0
