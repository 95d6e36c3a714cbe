"""A pod with what the scheduler needs of it, computed once.

Follows pkg/scheduler/framework/types.go (PodInfo).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from supervisor.controllers.scheduling import amounts
from supervisor.controllers.scheduling.amounts import Amounts
from supervisor.controllers.scheduling.terms import Namespaces, Terms, terms_of
from supervisor.model.pod import Container, Pod

ANY_IP = "0.0.0.0"
_NO_NAMESPACES: Namespaces = {}


class HostPort(NamedTuple):
    ip: str
    protocol: str
    port: int

    def clashes(self, other: "HostPort") -> bool:
        if self[1:] != other[1:]:
            return False
        return self.ip == other.ip or ANY_IP in (self.ip, other.ip)


@dataclass(frozen=True, slots=True)
class PodInfo:
    pod: Pod
    requests: Amounts
    scored: Amounts
    """As `requests`, but containers without a request count as small ones."""
    host_ports: frozenset[HostPort]
    terms: Terms

    @property
    def owner(self) -> str:
        """The uid of the pod's controller; empty for none."""
        owner = self.pod.metadata.controller
        return owner.uid if owner else ""

    @property
    def labels(self) -> Mapping[str, str]:
        return self.pod.metadata.labels or {}

    @property
    def containers(self) -> tuple[Container, ...]:
        """Init containers too."""
        return (*self.pod.spec.init_containers, *self.pod.spec.containers)


def pod_info(pod: Pod, namespaces: Namespaces = _NO_NAMESPACES) -> PodInfo:
    ports = (
        HostPort(port.host_ip or ANY_IP, port.protocol, port.host_port)
        for container in _long_running(pod)
        for port in container.ports
        if port.host_port
    )
    return PodInfo(
        pod,
        amounts.requests(pod),
        amounts.scored_requests(pod),
        frozenset(ports),
        terms_of(pod, namespaces),
    )


def _long_running(pod: Pod) -> tuple[Container, ...]:
    sidecars = (c for c in pod.spec.init_containers if c.restart_policy == "Always")
    return (*pod.spec.containers, *sidecars)
