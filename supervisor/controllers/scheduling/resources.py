"""Room: what pods request, and host ports.

Rules
- A resource that a node does not name is not there, except ephemeral storage: our nodes
  do not measure it, so where it is not named it is not counted.

Follows pkg/scheduler/framework/plugins/{noderesources,nodeports}.
"""

from collections.abc import Iterator, Sequence

from supervisor.controllers.scheduling.amounts import Amounts
from supervisor.controllers.scheduling.base import BEST, FITS, Check, Reasons
from supervisor.controllers.scheduling.cluster import Cluster
from supervisor.controllers.scheduling.node_info import NodeInfo
from supervisor.controllers.scheduling.pod_info import PodInfo

_STORAGE = "ephemeral-storage"


# -- filters


def host_ports(info: PodInfo, _cluster: Cluster) -> Check | None:
    """No pod of the node holds a port that the pod wants of its host."""
    if not info.host_ports:
        return None

    def check(node: NodeInfo) -> Reasons:
        held = node.host_ports
        if any(wanted.clashes(port) for wanted in info.host_ports for port in held):
            return ("node(s) didn't have free ports for the requested pod ports",)
        return FITS

    return check


def resources(info: PodInfo, _cluster: Cluster) -> Check:
    """The node has room for one more pod and for what it requests."""
    wanted = info.requests

    def check(node: NodeInfo) -> Reasons:
        offered, taken = node.allocatable, node.requested
        if (
            node.pods < node.most_pods
            and wanted.cpu <= offered.cpu - taken.cpu
            and wanted.memory <= offered.memory - taken.memory
            and not wanted.others
        ):
            return FITS
        return tuple(_lacking(wanted, node))

    return check


def _lacking(wanted: Amounts, node: NodeInfo) -> Iterator[str]:
    offered, taken = node.allocatable, node.requested
    if node.pods + 1 > node.most_pods:
        yield "Too many pods"
    if 0 < wanted.cpu > offered.cpu - taken.cpu:
        yield "Insufficient cpu"
    if 0 < wanted.memory > offered.memory - taken.memory:
        yield "Insufficient memory"
    for name, amount in wanted.others.items():
        if name == _STORAGE and name not in offered.others:
            continue
        if 0 < amount > offered.others.get(name, 0) - taken.others.get(name, 0):
            yield f"Insufficient {name}"


# -- scores


def prefer_room(
    info: PodInfo, _cluster: Cluster, nodes: Sequence[NodeInfo]
) -> Sequence[float]:
    """Best where the largest part of processor and memory is left."""
    return [BEST - BEST * sum(_used(info.scored, n, n.scored)) / 2 for n in nodes]


def prefer_balance(
    info: PodInfo, _cluster: Cluster, nodes: Sequence[NodeInfo]
) -> Sequence[float] | None:
    """Best where processor and memory are used to the same part."""
    wanted = info.requests
    if not wanted.cpu and not wanted.memory:
        return None
    pairs = (_used(wanted, node, node.requested) for node in nodes)
    return [BEST - BEST * abs(cpu - memory) / 2 for cpu, memory in pairs]


def _used(wanted: Amounts, node: NodeInfo, taken: Amounts) -> tuple[float, float]:
    """The parts of processor and memory that are taken with the pod."""
    offered = node.allocatable
    cpu = (taken.cpu + wanted.cpu) / offered.cpu if offered.cpu else 1.0
    memory = (taken.memory + wanted.memory) / offered.memory if offered.memory else 1.0
    return min(cpu, 1.0), min(memory, 1.0)
