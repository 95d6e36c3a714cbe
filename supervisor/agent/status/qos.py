"""How well a pod's resources are guaranteed: Guaranteed, Burstable or BestEffort.

Follows pkg/apis/core/v1/helper/qos/qos.go.
"""

from supervisor.model.pod import Container, Pod
from supervisor.model.quantities import millis

_COUNTED = ("cpu", "memory")


def qos_class(pod: Pod) -> str:
    containers = (*pod.spec.init_containers, *pod.spec.containers)
    if not any(
        _amounts(c, kind) for c in containers for kind in ("requests", "limits")
    ):
        return "BestEffort"
    return "Guaranteed" if all(_is_guaranteed(c) for c in containers) else "Burstable"


def _amounts(container: Container, kind: str) -> dict[str, int]:
    given = getattr(container.resources, kind) or {}
    found = {name: millis(given[name]) for name in _COUNTED if name in given}
    return {name: amount for name, amount in found.items() if amount}


def _is_guaranteed(container: Container) -> bool:
    limits, requests = _amounts(container, "limits"), _amounts(container, "requests")
    return set(limits) == set(_COUNTED) and limits == limits | requests
