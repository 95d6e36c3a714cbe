"""CPU and memory of a container, in the kernel's terms. Pure.

Follows pkg/kubelet/cm/helpers_linux.go.
"""

from dataclasses import dataclass

from supervisor.model.pod import Container
from supervisor.model.quantities import millis, whole

_LEAST_SHARES, _MOST_SHARES = 2, 262144


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
    memory = whole(limited["memory"]) if "memory" in limited else 0
    return Limits(_shares(request), quota, memory)


def _shares(cpu_millis: int) -> int:
    return min(max(_LEAST_SHARES, cpu_millis * 1024 // 1000), _MOST_SHARES)
