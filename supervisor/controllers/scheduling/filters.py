"""Why a pod cannot run on a node, and what could help: the filters, in their order.

Rules
- The first filter that objects decides for its node. Its reasons are upstream's words;
  they are counted over the nodes and shown to the user.
- Adding a filter is adding one row to `FILTERS`: the function, and the changes after
  which it may object no longer.

Pure.

Follows pkg/scheduler/apis/config/v1/default_plugins.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from supervisor.controllers.scheduling import (
    pod_affinity,
    resources,
    taints,
    topology_spread,
)
from supervisor.controllers.scheduling.base import FITS, Check, Filter, Reasons
from supervisor.controllers.scheduling.changes import NONE, Change, Changes
from supervisor.controllers.scheduling.cluster import Cluster
from supervisor.controllers.scheduling.images import images
from supervisor.controllers.scheduling.node_affinity import node_affinity
from supervisor.controllers.scheduling.node_info import NodeInfo
from supervisor.controllers.scheduling.pod_info import PodInfo
from supervisor.controllers.scheduling.volumes import volumes

_NEIGHBOURS = frozenset(
    {Change.NODE_LABELS, Change.NODE_LEFT, Change.NAMESPACE, Change.POD_LEFT}
)
"""What changes who is near to whom. Pods that leave help also those that want company:
the first of a group may run anywhere."""

FILTERS: tuple[tuple[Filter, Changes], ...] = (
    (taints.node_unschedulable, frozenset({Change.NODE_OPENED})),
    (taints.node_ready, frozenset({Change.READINESS})),
    (taints.taints, frozenset({Change.TAINT_LIFTED})),
    (node_affinity, frozenset({Change.NODE_LABELS})),
    (resources.host_ports, frozenset({Change.POD_LEFT})),
    (resources.resources, frozenset({Change.POD_LEFT, Change.ROOM})),
    (
        # Which nodes count depends on taints, and on their going.
        topology_spread.topology_spread,
        frozenset(
            {
                Change.NODE_LABELS,
                Change.NODE_LEFT,
                Change.NODE_OPENED,
                Change.READINESS,
                Change.TAINT_LIFTED,
                Change.POD_CAME,
                Change.POD_LEFT,
            }
        ),
    ),
    (pod_affinity.near, _NEIGHBOURS | {Change.POD_CAME}),
    (pod_affinity.far, _NEIGHBOURS | {Change.POD_CAME}),
    (pod_affinity.welcome, _NEIGHBOURS),
    (volumes, frozenset({Change.STORAGE, Change.POD_LEFT, Change.NODE_LABELS})),
    (images, frozenset({Change.IMAGES, Change.NODE_LEFT})),
)


@dataclass(frozen=True, slots=True)
class Objection:
    """What speaks against a node; no reasons when the pod fits."""

    reasons: Reasons = FITS
    helps: Changes = NONE
    """The changes after which it may not."""


_NO_OBJECTION = Objection()


def judge(info: PodInfo, cluster: Cluster) -> list[Objection]:
    """What speaks against each node of the cluster, in their order."""
    asked = ((ask(info, cluster), helps) for ask, helps in FILTERS)
    checks = [(check, helps) for check, helps in asked if check is not None]
    return [_first(checks, node) for node in cluster.nodes]


def _first(checks: Sequence[tuple[Check, Changes]], node: NodeInfo) -> Objection:
    for check, helps in checks:
        if reasons := check(node):
            return Objection(reasons, helps)
    return _NO_OBJECTION


def objections(info: PodInfo, cluster: Cluster) -> list[Reasons]:
    """The reasons alone."""
    return [objection.reasons for objection in judge(info, cluster)]
