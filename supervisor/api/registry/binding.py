"""Assigns a pod to a node, once. Pure.

Follows pkg/registry/core/pod/storage/storage.go (assignPod).
"""

from supervisor.model import times
from supervisor.model.errors import conflict
from supervisor.model.meta import Object, without_nulls

_RESOURCE = "pods/binding"


def bind(pod: Object, node: str, now: float) -> Object:
    """`pod` bound to `node`, with condition PodScheduled True. Raises ApiError 409."""
    name = pod["metadata"]["name"]
    if "deletionTimestamp" in pod["metadata"]:
        detail = f"pod {name} is being deleted, cannot be assigned to a host"
        raise conflict(_RESOURCE, name, detail)
    present = pod["spec"].get("nodeName")
    if present:
        detail = f'pod {name} is already assigned to node "{present}"'
        raise conflict(_RESOURCE, name, detail)
    if pod["spec"].get("schedulingGates"):
        detail = f"pod {name} has non-empty .spec.schedulingGates"
        raise conflict(_RESOURCE, name, detail)
    changed: Object = without_nulls(pod)
    changed["spec"]["nodeName"] = node
    status = changed.setdefault("status", {})
    scheduled = {
        "type": "PodScheduled",
        "status": "True",
        "lastTransitionTime": times.to_text(now),
    }
    conditions = status.setdefault("conditions", [])
    others = [c for c in conditions if c.get("type") != "PodScheduled"]
    status["conditions"] = [*others, scheduled]
    return changed
