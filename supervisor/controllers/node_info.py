"""What a node offers and what its pods have taken of it: the scheduler's bookkeeping.

Rules
- Requests count, not use. A pod's request is what it needs at its hungriest instant:
  ordinary containers and sidecars together, or one init container beside the sidecars
  that started before it.
- Finished pods take nothing; those that are being deleted still do.
- `take` is called for each pod on the node, and for each one placed there meanwhile, so
  that a burst never overcommits.

Follows pkg/scheduler/framework/types.go (NodeInfo) and
component-helpers/resource/helpers.go (PodRequests).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from typing import NamedTuple

from supervisor.model import quantities
from supervisor.model.kinds import Node
from supervisor.model.pod import Container, Pod

ANY_IP = "0.0.0.0"


class HostPort(NamedTuple):
    ip: str
    protocol: str
    port: int

    def clashes(self, other: "HostPort") -> bool:
        if self[1:] != other[1:]:
            return False
        return self.ip == other.ip or ANY_IP in (self.ip, other.ip)


@dataclass(frozen=True)
class Amounts:
    """Processor time in thousandths of a core, memory in bytes."""

    cpu: int = 0
    memory: int = 0

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(self.cpu + other.cpu, self.memory + other.memory)

    def __or__(self, other: "Amounts") -> "Amounts":
        """The larger of each."""
        return Amounts(max(self.cpu, other.cpu), max(self.memory, other.memory))


@dataclass(frozen=True)
class PodInfo:
    """A pod with what the scheduler needs of it, computed once."""

    pod: Pod
    requests: Amounts
    scored: Amounts
    """As `requests`, but containers without a request count as small ones."""
    host_ports: frozenset[HostPort]

    @property
    def owner(self) -> str:
        """The uid of the pod's controller; empty for none."""
        owner = self.pod.metadata.controller
        return owner.uid if owner else ""


@dataclass
class NodeInfo:
    node: Node
    allocatable: Amounts
    most_pods: int
    pods: int = 0
    requested: Amounts = field(default_factory=Amounts)
    scored: Amounts = field(default_factory=Amounts)
    host_ports: set[HostPort] = field(default_factory=set)
    #: Active pods of each controller, by its uid.
    owners: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        return self.node.metadata.name

    def take(self, info: PodInfo) -> None:
        """Count a pod of this node."""
        self.pods += 1
        self.requested += info.requests
        self.scored += info.scored
        self.host_ports |= info.host_ports
        if info.owner and info.pod.is_active:
            self.owners[info.owner] += 1


_DEFAULT_CPU = 100
_DEFAULT_MEMORY = 200 * 1024 * 1024
_NOTHING = Amounts()
_SMALL = Amounts(_DEFAULT_CPU, _DEFAULT_MEMORY)


def pod_info(pod: Pod) -> PodInfo:
    ports = (
        HostPort(port.host_ip or ANY_IP, port.protocol, port.host_port)
        for container in _long_running(pod)
        for port in container.ports
        if port.host_port
    )
    return PodInfo(
        pod, _requests(pod, _NOTHING), _requests(pod, _SMALL), frozenset(ports)
    )


def node_infos(nodes: Iterable[Node], pods: Iterable[Pod]) -> list[NodeInfo]:
    """The nodes by name, each with the unfinished ones of `pods` that it has."""
    infos = {node.metadata.name: _empty(node) for node in nodes}
    for pod in pods:
        info = infos.get(pod.spec.node_name)
        if info is not None and not pod.is_finished:
            info.take(pod_info(pod))
    return [infos[name] for name in sorted(infos)]


def _empty(node: Node) -> NodeInfo:
    given = node.status.allocatable or node.status.capacity or {}
    amounts = Amounts(
        quantities.millis(given.get("cpu", 0)),
        quantities.whole(given.get("memory", 0)),
    )
    return NodeInfo(node, amounts, quantities.whole(given.get("pods", 0)))


def _long_running(pod: Pod) -> tuple[Container, ...]:
    sidecars = (c for c in pod.spec.init_containers if c.restart_policy == "Always")
    return (*pod.spec.containers, *sidecars)


def _requests(pod: Pod, default: Amounts) -> Amounts:
    running = (_request(c, default) for c in pod.spec.containers)
    regular = reduce(Amounts.__add__, running, Amounts())
    sidecars, hungriest = Amounts(), Amounts()
    for container in pod.spec.init_containers:
        request = _request(container, default)
        if container.restart_policy == "Always":
            sidecars += request
            hungriest |= sidecars
        else:
            hungriest |= sidecars + request
    return (regular + sidecars) | hungriest


def _request(container: Container, default: Amounts) -> Amounts:
    requests = container.resources.requests or {}
    cpu, memory = requests.get("cpu"), requests.get("memory")
    return Amounts(
        default.cpu if cpu is None else quantities.millis(cpu),
        default.memory if memory is None else quantities.whole(memory),
    )
