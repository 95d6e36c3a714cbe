"""Room: what pods request, and host ports.

Follows pkg/scheduler/framework/plugins/{noderesources,nodeports}.
"""

from collections.abc import Sequence

from supervisor.controllers.scheduling.base import BEST, FITS, Check, Reasons
from supervisor.controllers.scheduling.cluster import Cluster
from supervisor.controllers.scheduling.node_info import NodeInfo
from supervisor.controllers.scheduling.pod_info import PodInfo
from supervisor.placement.amounts import Amounts
from supervisor.placement.room import PODS

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
        room = node.room
        if room.has(wanted):
            return FITS
        return tuple(_told(s.resource) for s in room.shortages(wanted))

    return check


def _told(resource: str) -> str:
    return "Too many pods" if resource == PODS else f"Insufficient {resource}"


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
