"""Taints, and what is like a taint: cordoned nodes and nodes that are not ready.

Rules
- NoSchedule and NoExecute keep a pod away that does not tolerate them;
  PreferNoSchedule only makes a node worse.

Follows pkg/scheduler/framework/plugins/{tainttoleration,nodeunschedulable} and
component-helpers/scheduling/corev1/helpers.go.
"""

from collections.abc import Sequence

from supervisor.controllers.scheduling.base import (
    BEST,
    FITS,
    Check,
    Reasons,
    scaled,
)
from supervisor.controllers.scheduling.cluster import Cluster
from supervisor.controllers.scheduling.node_info import NodeInfo
from supervisor.controllers.scheduling.pod_info import PodInfo
from supervisor.model import taints as model
from supervisor.model.kinds import Node, Taint
from supervisor.model.pod import Pod
from supervisor.placement.tolerations import tolerates, untolerated

_UNSCHEDULABLE = Taint(model.UNSCHEDULABLE, model.NO_SCHEDULE)
_NOT_READY = Taint(model.NOT_READY, model.NO_SCHEDULE)
_UNREACHABLE = Taint(model.UNREACHABLE, model.NO_SCHEDULE)
_HINDERING = (model.NO_SCHEDULE, model.NO_EXECUTE)


# -- filters


def node_unschedulable(info: PodInfo, _cluster: Cluster) -> Check:
    """Cordoned nodes take only pods that tolerate it."""

    def check(node: NodeInfo) -> Reasons:
        if not node.node.spec.unschedulable or tolerates(info.pod, _UNSCHEDULABLE):
            return FITS
        return ("node(s) were unschedulable",)

    return check


def node_ready(info: PodInfo, _cluster: Cluster) -> Check:
    """A node that is not ready, or has never said that it is, takes no new pods."""
    # Differs from Kubernetes: there only the taints that follow the condition do this.
    # They may come late, and pods must not be sent to a node that is known to be lost.

    def check(node: NodeInfo) -> Reasons:
        taint = _readiness(node.node)
        if taint is None or tolerates(info.pod, taint):
            return FITS
        return ("node(s) were not ready",)

    return check


def _readiness(node: Node) -> Taint | None:
    ready = node.status.condition("Ready")
    if ready is not None and ready.status == "True":
        return None
    return _UNREACHABLE if ready and ready.status == "Unknown" else _NOT_READY


def taints(info: PodInfo, _cluster: Cluster) -> Check:
    """Every NoSchedule and NoExecute taint must be tolerated."""

    def check(node: NodeInfo) -> Reasons:
        taint = untolerated(info.pod, node.node, _HINDERING)
        if taint is None:
            return FITS
        return (f"node(s) had untolerated taint {{{taint.key}: {taint.value}}}",)

    return check


# -- score


def prefer_untainted(
    info: PodInfo, _cluster: Cluster, nodes: Sequence[NodeInfo]
) -> Sequence[float] | None:
    """Best with the fewest PreferNoSchedule taints that the pod does not tolerate."""
    counts = [_disliked(info.pod, node.node) for node in nodes]
    bad = scaled(counts)
    return [BEST - value for value in bad] if bad else None


def _disliked(pod: Pod, node: Node) -> int:
    mild = (t for t in node.spec.taints if t.effect == "PreferNoSchedule")
    return sum(not tolerates(pod, taint) for taint in mild)


def is_kept_away(pod: Pod, node: Node) -> bool:
    """By a taint, or because the node is cordoned."""
    if node.spec.unschedulable and not tolerates(pod, _UNSCHEDULABLE):
        return True
    return untolerated(pod, node, _HINDERING) is not None
