"""Nodes that a pod asks for: nodeSelector and node affinity.

Follows pkg/scheduler/framework/plugins/nodeaffinity and
component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go.
"""

from collections.abc import Sequence

from supervisor.controllers.scheduling.base import FITS, Check, Reasons, scaled
from supervisor.controllers.scheduling.cluster import Cluster
from supervisor.controllers.scheduling.node_info import NodeInfo
from supervisor.controllers.scheduling.pod_info import PodInfo
from supervisor.model.affinity import NodeAffinity, NodeSelectorTerm
from supervisor.model.label_selector import to_requirement
from supervisor.model.pod import Pod

_NO_AFFINITY = NodeAffinity()


def node_affinity(info: PodInfo, _cluster: Cluster) -> Check | None:
    """The node carries the labels, and fulfils one of the terms, that the pod names."""
    pod = info.pod
    if not pod.spec.node_selector and _affinity(pod).required is None:
        return None

    def check(node: NodeInfo) -> Reasons:
        if is_chosen(pod, node):
            return FITS
        return ("node(s) didn't match Pod's node affinity/selector",)

    return check


def prefer_nodes(
    info: PodInfo, _cluster: Cluster, nodes: Sequence[NodeInfo]
) -> Sequence[float] | None:
    """Best where the preferred terms of the largest weight together match."""
    preferred = _affinity(info.pod).preferred
    if not preferred:
        return None
    return scaled(
        [
            sum(p.weight for p in preferred if _term_matches(p.preference, node))
            for node in nodes
        ]
    )


def is_chosen(pod: Pod, node: NodeInfo) -> bool:
    """Whether the pod may run on the node by its selector and required affinity."""
    wanted = pod.spec.node_selector or {}
    if not wanted.items() <= node.labels.items():
        return False
    required = _affinity(pod).required
    if required is None:
        return True
    return any(_term_matches(term, node) for term in required.node_selector_terms)


def _affinity(pod: Pod) -> NodeAffinity:
    affinity = pod.spec.affinity
    return (affinity and affinity.node_affinity) or _NO_AFFINITY


def _term_matches(term: NodeSelectorTerm, node: NodeInfo) -> bool:
    if not term.match_expressions and not term.match_fields:
        return False
    fields = {"metadata.name": node.name}
    return all(
        to_requirement(r.key, r.operator, r.values).matches(of)
        for given, of in (
            (term.match_expressions, node.labels),
            (term.match_fields, fields),
        )
        for r in given
    )
