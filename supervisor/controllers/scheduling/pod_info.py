"""A pod with what the scheduler needs of it, computed once.

Follows pkg/scheduler/framework/types.go (PodInfo).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from supervisor.controllers.scheduling.terms import Namespaces, Terms, terms_of
from supervisor.model.pod import Container, Pod
from supervisor.placement import amounts
from supervisor.placement.amounts import Amounts
from supervisor.placement.host_ports import HostPort, host_ports

_NO_NAMESPACES: Namespaces = {}


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
        return self.pod.spec.all_containers


def pod_info(pod: Pod, namespaces: Namespaces = _NO_NAMESPACES) -> PodInfo:
    return PodInfo(
        pod,
        amounts.requests(pod),
        amounts.scored_requests(pod),
        host_ports(pod),
        terms_of(pod, namespaces),
    )
