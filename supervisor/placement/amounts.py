"""What pods request and nodes offer.

Rules
- Requests count, not use. A pod's request is what it needs at its hungriest instant:
  ordinary containers and sidecars together, or one init container beside the sidecars
  that started before it.

Follows component-helpers/resource/helpers.go (PodRequests).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce

from supervisor.model import quantities
from supervisor.model.pod import Container, Pod

_NO_OTHERS: Mapping[str, int] = {}
_KNOWN = ("cpu", "memory", "pods")


@dataclass(frozen=True, slots=True)
class Amounts:
    """Processor time in thousandths of a core, memory in bytes, others by name."""

    cpu: int = 0
    memory: int = 0
    others: Mapping[str, int] = field(default_factory=lambda: _NO_OTHERS)

    def __add__(self, other: "Amounts") -> "Amounts":
        names = _names(self, other)
        others = {n: self.others.get(n, 0) + other.others.get(n, 0) for n in names}
        return Amounts(self.cpu + other.cpu, self.memory + other.memory, others)

    def __or__(self, other: "Amounts") -> "Amounts":
        """The larger of each."""
        names = _names(self, other)
        others = {n: max(self.others.get(n, 0), other.others.get(n, 0)) for n in names}
        cpu, memory = max(self.cpu, other.cpu), max(self.memory, other.memory)
        return Amounts(cpu, memory, others)


def _names(one: Amounts, other: Amounts) -> Mapping[str, int]:
    if not other.others:
        return one.others
    return {**one.others, **other.others} if one.others else other.others


_NOTHING = Amounts()
_SMALL = Amounts(cpu=100, memory=200 * 1024 * 1024)


def requests(pod: Pod) -> Amounts:
    """What the pod asks for."""
    return _requests(pod, _NOTHING)


def scored_requests(pod: Pod) -> Amounts:
    """As `requests`, but containers that ask for nothing count as small ones."""
    return _requests(pod, _SMALL)


def offered(given: Mapping[str, str]) -> Amounts:
    """A node's `allocatable`."""
    return _amounts(given, _NOTHING)


def _requests(pod: Pod, default: Amounts) -> Amounts:
    running = (_request(c, default) for c in pod.spec.containers)
    regular = reduce(Amounts.__add__, running, _NOTHING)
    sidecars, hungriest = _NOTHING, _NOTHING
    for container in pod.spec.init_containers:
        request = _request(container, default)
        if container.restart_policy == "Always":
            sidecars += request
            hungriest |= sidecars
        else:
            hungriest |= sidecars + request
    return (regular + sidecars) | hungriest


def _request(container: Container, default: Amounts) -> Amounts:
    given = container.resources.requests
    return _amounts(given, default) if given else default


def _amounts(given: Mapping[str, quantities.Text], default: Amounts) -> Amounts:
    cpu, memory = given.get("cpu"), given.get("memory")
    return Amounts(
        default.cpu if cpu is None else quantities.millis(cpu),
        default.memory if memory is None else quantities.whole(memory),
        {n: quantities.whole(v) for n, v in given.items() if n not in _KNOWN},
    )
