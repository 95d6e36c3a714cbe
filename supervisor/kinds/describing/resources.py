"""Resources requested by the pods of a node, compared to its allocatable ones.

Follows kubectl/pkg/describe/describe.go (describeNodeResource) and
kubectl/pkg/util/resource (PodRequestsAndLimits).
"""

from collections.abc import Sequence

from supervisor.kinds.describing.page import Page
from supervisor.model import quantities
from supervisor.model.meta import Object

_SHOWN = ("cpu", "memory", "ephemeral-storage")


def write_pods(page: Page, pods: Sequence[Object], allocatable: Object) -> None:
    """Write the table of pods, and the totals."""
    page.line(0, f"Non-terminated Pods:\t({len(pods)} in total)")
    columns = ["CPU Requests", "CPU Limits", "Memory Requests", "Memory Limits", "Age"]
    page.line(1, "\t".join(["Namespace", "Name", "", *columns]))
    dashes = ["---------", "----", "", *("-" * len(column) for column in columns)]
    page.line(1, "\t".join(dashes))
    for pod in pods:
        meta = pod["metadata"]
        amounts = [
            _share(pod_total(pod, kind, resource), resource, allocatable)
            for resource in ("cpu", "memory")
            for kind in ("requests", "limits")
        ]
        head = [meta.get("namespace", ""), meta["name"], ""]
        age = page.since(meta.get("creationTimestamp"))
        page.line(1, "\t".join([*head, *amounts, age]))
    page.line(0, "Allocated resources:")
    page.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)")
    page.line(1, "Resource\tRequests\tLimits")
    page.line(1, "--------\t--------\t------")
    for resource in _SHOWN:
        shares = [
            _share(_sum(pods, kind, resource), resource, allocatable)
            for kind in ("requests", "limits")
        ]
        page.line(1, "\t".join([resource, *shares]))


def pod_total(pod: Object, kind: str, resource: str) -> str:
    """The sum over the containers of a pod, or the largest init container's amount.

    `kind` is requests or limits.
    """
    spec = pod.get("spec") or {}
    together = _added(_amounts(spec.get("containers") or (), kind, resource))
    for amount in _amounts(spec.get("initContainers") or (), kind, resource):
        if quantities.millis(amount) > quantities.millis(together):
            together = amount
    return together


def _amounts(containers: Sequence[Object], kind: str, resource: str) -> list[str]:
    found = [
        ((container.get("resources") or {}).get(kind) or {}).get(resource)
        for container in containers
    ]
    return [str(amount) for amount in found if amount is not None]


def _sum(pods: Sequence[Object], kind: str, resource: str) -> str:
    return _added([pod_total(pod, kind, resource) for pod in pods])


def _added(amounts: Sequence[str]) -> str:
    return quantities.add(*amounts) if amounts else "0"


def _share(amount: str, resource: str, allocatable: Object) -> str:
    whole = quantities.millis(allocatable.get(resource) or "0")
    percent = quantities.millis(amount) * 100 // whole if whole else 0
    return f"{quantities.canonical(amount)} ({percent}%)"
