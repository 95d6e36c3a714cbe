"""The quality-of-service class of a pod.

Follows ComputePodQOS of pkg/apis/core/v1/helper/qos/qos.go.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from supervisor.model import quantities
from supervisor.model.meta import Object
from supervisor.model.pod import Pod

_COUNTED = ("cpu", "memory")

Amounts = dict[str, Fraction]
Given = Mapping[str, Any] | None
"""Quantities by resource name, as a container's requests or limits."""


def of_spec(spec: Object) -> str:
    """The class of a pod with that `spec`: Guaranteed, Burstable or BestEffort."""
    containers = [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]
    resources = [container.get("resources") or {} for container in containers]
    return qos_class((r.get("requests"), r.get("limits")) for r in resources)


def of_pod(pod: Pod) -> str:
    containers = (*pod.spec.containers, *pod.spec.init_containers)
    return qos_class((c.resources.requests, c.resources.limits) for c in containers)


def qos_class(containers: Iterable[tuple[Given, Given]]) -> str:
    """The class that follows from the requests and limits of each container."""
    requests: Amounts = {}
    limits: Amounts = {}
    every_limit_set = True
    for requested, limited in containers:
        _add(requests, _counted(requested))
        found = _counted(limited)
        _add(limits, found)
        every_limit_set = every_limit_set and len(found) == len(_COUNTED)
    if not requests and not limits:
        return "BestEffort"
    if every_limit_set and requests == limits:
        return "Guaranteed"
    return "Burstable"


def _counted(amounts: Given) -> Amounts:
    found = {}
    for name in _COUNTED:
        if not amounts or name not in amounts:
            continue
        try:
            amount = quantities.parse(amounts[name]).amount
        except ValueError:
            continue
        if amount > 0:
            found[name] = amount
    return found


def _add(total: Amounts, more: Amounts) -> None:
    for name, amount in more.items():
        total[name] = total.get(name, Fraction(0)) + amount
