"""Why a pod cannot run on a node: the filters, in their order. Pure.

Rules
- The first filter that objects decides for its node. Its reasons are upstream's words;
  they are counted over the nodes and shown to the user.
- Adding a filter is adding one function to `FILTERS`.

Follows pkg/scheduler/apis/config/v1/default_plugins.go.
"""

from collections.abc import Sequence

from supervisor.controllers.scheduling import (
    pod_affinity,
    resources,
    taints,
    topology_spread,
)
from supervisor.controllers.scheduling.base import FITS, Check, Filter, Reasons
from supervisor.controllers.scheduling.cluster import Cluster
from supervisor.controllers.scheduling.images import images
from supervisor.controllers.scheduling.node_affinity import node_affinity
from supervisor.controllers.scheduling.node_info import NodeInfo
from supervisor.controllers.scheduling.pod_info import PodInfo

FILTERS: tuple[Filter, ...] = (
    taints.node_unschedulable,
    taints.node_ready,
    taints.taints,
    node_affinity,
    resources.host_ports,
    resources.resources,
    topology_spread.topology_spread,
    pod_affinity.near,
    pod_affinity.far,
    pod_affinity.welcome,
    images,
)


def objections(info: PodInfo, cluster: Cluster) -> list[Reasons]:
    """What speaks against each node of the cluster, in their order."""
    asked = (ask(info, cluster) for ask in FILTERS)
    checks = [check for check in asked if check is not None]
    return [_first(checks, node) for node in cluster.nodes]


def _first(checks: Sequence[Check], node: NodeInfo) -> Reasons:
    for check in checks:
        if reasons := check(node):
            return reasons
    return FITS
