"""The quality-of-service class of a pod.

Follows ComputePodQOS of pkg/apis/core/v1/helper/qos/qos.go.
"""

from fractions import Fraction

from supervisor.model import quantities
from supervisor.model.meta import Object

_COUNTED = ("cpu", "memory")

Amounts = dict[str, Fraction]


def qos_class(spec: Object) -> str:
    """Guaranteed, Burstable or BestEffort."""
    containers = [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]
    requests: Amounts = {}
    limits: Amounts = {}
    every_limit_set = True
    for container in containers:
        resources = container.get("resources") or {}
        _add(requests, _counted(resources.get("requests")))
        limited = _counted(resources.get("limits"))
        _add(limits, limited)
        every_limit_set = every_limit_set and len(limited) == len(_COUNTED)
    if not requests and not limits:
        return "BestEffort"
    if every_limit_set and requests == limits:
        return "Guaranteed"
    return "Burstable"


def _counted(amounts: Object | None) -> Amounts:
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
