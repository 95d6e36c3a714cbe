"""Which of the nodes that fit is best: the scores and their weights. Pure.

Rules
- A score is between 0 and 100, and weighs what it weighs upstream.
- What users have asked for, and spreading the pods of a controller, comes first. Room,
  balance and images, which nobody has asked for, decide among nodes that are equal in
  that; then the fewer pods, then the name. So the same present always leads to the same
  choice, and the pods of a controller are spread exactly evenly over nodes that their
  users have no preference among.
- Adding a score is adding one row to `ASKED` or `UNASKED`.

Differs from Kubernetes, which adds up both and so spreads only roughly.

Follows pkg/scheduler/apis/config/v1/default_plugins.go.
"""

from collections.abc import Sequence

from supervisor.controllers.scheduling import resources
from supervisor.controllers.scheduling.base import Score
from supervisor.controllers.scheduling.cluster import Cluster
from supervisor.controllers.scheduling.images import prefer_images
from supervisor.controllers.scheduling.node_affinity import prefer_nodes
from supervisor.controllers.scheduling.node_info import NodeInfo
from supervisor.controllers.scheduling.pod_affinity import prefer_company
from supervisor.controllers.scheduling.pod_info import PodInfo
from supervisor.controllers.scheduling.taints import prefer_untainted
from supervisor.controllers.scheduling.topology_spread import prefer_spread

Rows = tuple[tuple[Score, float], ...]

ASKED: Rows = (
    (prefer_untainted, 3.0),
    (prefer_nodes, 2.0),
    (prefer_spread, 2.0),
    (prefer_company, 2.0),
)
UNASKED: Rows = (
    (resources.prefer_room, 1.0),
    (resources.prefer_balance, 1.0),
    (prefer_images, 1.0),
)
_DIGITS = 6
"""Sums that differ by less are equal: they came about in another order."""


def best(info: PodInfo, cluster: Cluster, nodes: Sequence[NodeInfo]) -> NodeInfo:
    """The node to take, of at least one that fits."""
    if len(nodes) == 1:
        return nodes[0]
    asked, unasked = (_sums(rows, info, cluster, nodes) for rows in (ASKED, UNASKED))
    ranked = zip(asked, unasked, nodes, strict=True)
    return min(ranked, key=lambda row: (-row[0], -row[1], row[2].pods, row[2].name))[2]


def _sums(
    rows: Rows, info: PodInfo, cluster: Cluster, nodes: Sequence[NodeInfo]
) -> list[float]:
    totals = [0.0] * len(nodes)
    for score, weight in rows:
        for place, value in enumerate(score(info, cluster, nodes) or ()):
            totals[place] += weight * value
    return [round(total, _DIGITS) for total in totals]
