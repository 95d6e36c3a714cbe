"""What filters and scores are.

Rules
- Both look at a pod and at the whole cluster once, and answer for single nodes then.
- What does not concern a pod answers None, and costs it nothing more.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from supervisor.controllers.scheduling.cluster import Cluster
from supervisor.controllers.scheduling.node_info import NodeInfo
from supervisor.controllers.scheduling.pod_info import PodInfo

Reasons: TypeAlias = tuple[str, ...]
"""What speaks against a node, in upstream's words; none when the pod fits."""

Check: TypeAlias = Callable[[NodeInfo], Reasons]
Filter: TypeAlias = Callable[[PodInfo, Cluster], Check | None]

Score: TypeAlias = Callable[
    [PodInfo, Cluster, Sequence[NodeInfo]], Sequence[float] | None
]
"""From 0 to 100 for each of the nodes that fit, in their order."""

FITS: Reasons = ()
BEST = 100.0


def scaled(values: Sequence[float]) -> Sequence[float] | None:
    """`values`, none below zero, so that the largest is best; None if all are zero."""
    most = max(values)
    return [BEST * value / most for value in values] if most > 0 else None
