"""CPU and memory of a container, in the kernel's terms. Pure.

Rules
- What is less than the least that the kernel or the engine takes is raised to that,
  what is more than the most is lowered. Where Kubernetes would give the container the
  amount asked for, the raise is told.

Differs from Kubernetes: a limit of memory below 6 MiB is raised to that, since Docker
refuses the container otherwise.
Follows pkg/kubelet/cm/helpers_linux.go.
"""

from dataclasses import dataclass

from supervisor.model.pod import Container
from supervisor.model.quantities import millis, whole
from supervisor.runtime.base import MIN_MEMORY_BYTES

_MIN_SHARES, _MAX_SHARES = 2, 262144
_MAX_QUOTA_MILLIS = 10**9
"""A million cores: the kernel takes no more, and no host has as many."""
_MAX_MEMORY_BYTES = 2**63 - 1


@dataclass(frozen=True)
class Limits:
    cpu_shares: int
    cpu_quota_millis: int
    """0 is no limit."""
    memory_bytes: int
    """0 is no limit."""


def limits(container: Container) -> Limits:
    limited = container.resources.limits or {}
    requested = container.resources.requests or {}
    quota = millis(limited["cpu"]) if "cpu" in limited else 0
    request = millis(requested["cpu"]) if "cpu" in requested else quota
    memory = _memory(container)
    if memory:
        memory = min(max(memory, MIN_MEMORY_BYTES), _MAX_MEMORY_BYTES)
    return Limits(_shares(request), min(quota, _MAX_QUOTA_MILLIS), memory)


def raised(container: Container) -> str:
    """What is told of a limit that had to be raised; empty if none had to be."""
    if not 0 < _memory(container) < MIN_MEMORY_BYTES:
        return ""
    given = (container.resources.limits or {})["memory"]
    return (
        f"resources.limits.memory of container {container.name} is {given}; the least "
        f"that the engine takes is {MIN_MEMORY_BYTES >> 20}Mi, which is used"
    )


def _memory(container: Container) -> int:
    """In bytes; 0 is no limit."""
    limited = container.resources.limits or {}
    return whole(limited["memory"]) if "memory" in limited else 0


def _shares(cpu_millis: int) -> int:
    return min(max(_MIN_SHARES, cpu_millis * 1024 // 1000), _MAX_SHARES)
