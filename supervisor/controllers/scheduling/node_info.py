"""What a node offers and what its pods have taken of it.

Rules
- `take` is called for each pod on the node, and for each one placed there meanwhile, so
  that a burst never overcommits.

Follows pkg/scheduler/framework/types.go (NodeInfo).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from supervisor.controllers.scheduling.pod_info import PodInfo
from supervisor.model import quantities
from supervisor.model.images import (
    UNREACHABLE_REGISTRIES,
    may_be_truncated,
    normalized_name,
)
from supervisor.model.kinds import Node
from supervisor.placement import amounts
from supervisor.placement.amounts import Amounts
from supervisor.placement.host_ports import HostPort
from supervisor.placement.room import Room


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

    @cached_property
    def labels(self) -> Mapping[str, str]:
        return self.node.metadata.labels or {}

    @cached_property
    def images(self) -> Mapping[str, int]:
        """The size of each image that the node has, by its normal name."""
        shown = self.node.status.images
        return {normalized_name(name): i.size_bytes for i in shown for name in i.names}

    @cached_property
    def may_have_more_images(self) -> bool:
        return may_be_truncated(self.node.status.images)

    @cached_property
    def silent_registries(self) -> frozenset[str]:
        """Registries of which the node's agent says that they do not answer."""
        said = (self.node.metadata.annotations or {}).get(UNREACHABLE_REGISTRIES, "")
        return frozenset(name.strip() for name in said.split(",") if name.strip())

    @property
    def room(self) -> Room:
        return Room(self.allocatable, self.requested, self.most_pods, self.pods)

    def take(self, info: PodInfo) -> None:
        """Count a pod of this node."""
        self.pods += 1
        self.requested += info.requests
        self.scored += info.scored
        self.host_ports |= info.host_ports
        if info.owner and info.pod.is_active:
            self.owners[info.owner] += 1


def empty(node: Node) -> NodeInfo:
    """A node with no pods on it."""
    given = node.status.allocatable or node.status.capacity or {}
    most_pods = quantities.whole(given.get("pods", 0))
    return NodeInfo(node, amounts.offered(given), most_pods)
