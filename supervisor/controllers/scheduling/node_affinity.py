"""Nodes that a pod asks for: nodeSelector and node affinity.

Follows pkg/scheduler/framework/plugins/nodeaffinity.
"""

from collections.abc import Sequence

from supervisor.controllers.scheduling.base import FITS, Check, Reasons, scaled
from supervisor.controllers.scheduling.cluster import Cluster
from supervisor.controllers.scheduling.node_info import NodeInfo
from supervisor.controllers.scheduling.pod_info import PodInfo
from supervisor.model.affinity import NodeAffinity
from supervisor.model.pod import Pod
from supervisor.placement.node_selection import NOT_SELECTED, selects, term_matches

_NO_AFFINITY = NodeAffinity()


def node_affinity(info: PodInfo, _cluster: Cluster) -> Check | None:
    """The node carries the labels, and fulfils one of the terms, that the pod names."""
    pod = info.pod
    if not pod.spec.node_selector and _affinity(pod).required is None:
        return None

    def check(node: NodeInfo) -> Reasons:
        if is_chosen(pod, node):
            return FITS
        return (NOT_SELECTED,)

    return check


def prefer_nodes(
    info: PodInfo, _cluster: Cluster, nodes: Sequence[NodeInfo]
) -> Sequence[float] | None:
    """Best where the preferred terms of the largest weight together match."""
    preferred = _affinity(info.pod).preferred
    if not preferred:
        return None

    def weight(node: NodeInfo) -> int:
        name, labels = node.name, node.labels
        liked = (p for p in preferred if term_matches(p.preference, name, labels))
        return sum(p.weight for p in liked)

    return scaled([weight(node) for node in nodes])


def is_chosen(pod: Pod, node: NodeInfo) -> bool:
    """Whether the pod may run on the node by its selector and required affinity."""
    return selects(pod, node.name, node.labels)


def _affinity(pod: Pod) -> NodeAffinity:
    affinity = pod.spec.affinity
    return (affinity and affinity.node_affinity) or _NO_AFFINITY
