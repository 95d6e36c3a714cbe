"""Which resources a node lacks for one more pod.

Rules
- A resource that a node does not name is not there, except ephemeral storage: our nodes
  do not measure it, so where it is not named it is not counted.

Follows pkg/scheduler/framework/plugins/noderesources/fit.go (fitsRequest).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from supervisor.placement.amounts import Amounts

PODS = "pods"
_STORAGE = "ephemeral-storage"


@dataclass(frozen=True)
class Shortage:
    """CPU in thousandths of a core, memory in bytes, others in their unit."""

    resource: str
    requested: int
    used: int
    capacity: int


@dataclass(frozen=True)
class Room:
    """What a node offers in all, and what its pods have taken of it."""

    offered: Amounts
    taken: Amounts
    most_pods: int
    pods: int

    def has(self, wanted: Amounts) -> bool:
        """Whether there is room for one more pod that wants this."""
        offered, taken = self.offered, self.taken
        is_plain = (
            self.pods < self.most_pods
            and wanted.cpu <= offered.cpu - taken.cpu
            and wanted.memory <= offered.memory - taken.memory
            and not wanted.others
        )
        return is_plain or not any(self.shortages(wanted))

    def shortages(self, wanted: Amounts) -> Iterator[Shortage]:
        """What is lacking for one more pod that wants this, in upstream's order."""
        if self.pods + 1 > self.most_pods:
            yield Shortage(PODS, 1, self.pods, self.most_pods)
        for name, amount, used, capacity in self._rows(wanted):
            if 0 < amount > capacity - used:
                yield Shortage(name, amount, used, capacity)

    def _rows(self, wanted: Amounts) -> Iterator[tuple[str, int, int, int]]:
        offered, taken = self.offered, self.taken
        yield "cpu", wanted.cpu, taken.cpu, offered.cpu
        yield "memory", wanted.memory, taken.memory, offered.memory
        for name, amount in wanted.others.items():
            if name == _STORAGE and name not in offered.others:
                continue
            used, capacity = taken.others.get(name, 0), offered.others.get(name, 0)
            yield name, amount, used, capacity
