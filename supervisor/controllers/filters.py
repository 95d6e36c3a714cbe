"""Why a pod cannot run on a node: one function per reason. Pure.

Rules
- A filter answers the reasons that speak against the node, none when it fits. The words
  are upstream's; they are counted per node and shown to the user.
- Filters run in the order of `FILTERS`; the first that objects decides for its node.
- Adding a filter is adding one function to that tuple.

Follows pkg/scheduler/framework/plugins/*.
"""

from collections.abc import Callable, Iterable

from supervisor.controllers.node_info import NodeInfo, PodInfo
from supervisor.model.kinds import Taint
from supervisor.model.pod import Toleration

Filter = Callable[[PodInfo, NodeInfo], tuple[str, ...]]

UNSCHEDULABLE = Taint("node.kubernetes.io/unschedulable", "NoSchedule")
_HINDERING = ("NoSchedule", "NoExecute")


def node_unschedulable(info: PodInfo, node: NodeInfo) -> tuple[str, ...]:
    """Cordoned nodes take only pods that tolerate it."""
    if not node.node.spec.unschedulable:
        return ()
    if _tolerates(info.pod.spec.tolerations, UNSCHEDULABLE):
        return ()
    return ("node(s) were unschedulable",)


def node_ready(_info: PodInfo, node: NodeInfo) -> tuple[str, ...]:
    """A node that is not ready, or has never said that it is, takes no new pods."""
    # Differs from Kubernetes: there a taint that follows the condition says the same.
    ready = node.node.status.condition("Ready")
    if ready is not None and ready.status == "True":
        return ()
    return ("node(s) were not ready",)


def taints(info: PodInfo, node: NodeInfo) -> tuple[str, ...]:
    """Every NoSchedule and NoExecute taint must be tolerated."""
    for taint in node.node.spec.taints:
        hinders = taint.effect in _HINDERING
        if hinders and not _tolerates(info.pod.spec.tolerations, taint):
            return (f"node(s) had untolerated taint {{{taint.key}: {taint.value}}}",)
    return ()


def node_selector(info: PodInfo, node: NodeInfo) -> tuple[str, ...]:
    """The node carries all labels that the pod asks for."""
    labels = node.node.metadata.labels or {}
    wanted = info.pod.spec.node_selector or {}
    if wanted.items() <= labels.items():
        return ()
    return ("node(s) didn't match Pod's node affinity/selector",)


def host_ports(info: PodInfo, node: NodeInfo) -> tuple[str, ...]:
    """No pod of the node holds a port that the pod wants of its host."""
    if not any(w.clashes(held) for w in info.host_ports for held in node.host_ports):
        return ()
    return ("node(s) didn't have free ports for the requested pod ports",)


def resources(info: PodInfo, node: NodeInfo) -> tuple[str, ...]:
    """The node has room for one more pod and for what it requests."""
    reasons = []
    if node.pods + 1 > node.most_pods:
        reasons.append("Too many pods")
    free_cpu = node.allocatable.cpu - node.requested.cpu
    if info.requests.cpu > 0 and info.requests.cpu > free_cpu:
        reasons.append("Insufficient cpu")
    free_memory = node.allocatable.memory - node.requested.memory
    if info.requests.memory > 0 and info.requests.memory > free_memory:
        reasons.append("Insufficient memory")
    return tuple(reasons)


FILTERS: tuple[Filter, ...] = (
    node_unschedulable,
    node_ready,
    taints,
    node_selector,
    host_ports,
    resources,
)


def objections(info: PodInfo, node: NodeInfo) -> tuple[str, ...]:
    """The reasons of the first filter that objects; none when the pod fits."""
    return next(filter(None, (check(info, node) for check in FILTERS)), ())


def _tolerates(tolerations: Iterable[Toleration], taint: Taint) -> bool:
    return any(_matches(toleration, taint) for toleration in tolerations)


def _matches(toleration: Toleration, taint: Taint) -> bool:
    """An empty key or effect of a toleration stands for every one."""
    if toleration.effect not in ("", taint.effect):
        return False
    if toleration.key not in ("", taint.key):
        return False
    return toleration.operator == "Exists" or toleration.value == taint.value
