"""The `scale` subresource: a replica count, apart from what is counted. Pure.

Follows pkg/registry/core/replicationcontroller/storage/storage.go.
"""

from supervisor.api.registry import checking
from supervisor.api.scheme import Resource
from supervisor.model.errors import (
    FieldError,
    bad_request,
    conflict,
    invalid,
    invalid_object,
)
from supervisor.model.meta import Object, without_nulls

_KEPT = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
_MOST_REPLICAS = 2**31 - 1


def of(parent: Object) -> Object:
    """The Scale (autoscaling/v1) of a controller."""
    meta = parent["metadata"]
    selector = parent["spec"].get("selector") or {}
    status: Object = {"replicas": parent.get("status", {}).get("replicas", 0)}
    if selector:
        status["selector"] = ",".join(f"{k}={v}" for k, v in sorted(selector.items()))
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {k: meta[k] for k in _KEPT if k in meta},
        "spec": {"replicas": parent["spec"].get("replicas", 0)},
        "status": status,
    }


def apply(resource: Resource, scale: Object, parent: Object) -> Object:
    """`parent` with the count that `scale` asks for. Raises ApiError 400, 409, 422."""
    kind = scale.get("kind") or "Scale"
    if kind != "Scale":
        raise bad_request(f"expected a Scale, got a {kind}")
    scale = checking.shaped("autoscaling/v1", "Scale", scale)
    meta, own = scale.get("metadata") or {}, parent["metadata"]
    version = meta.get("resourceVersion")
    if version and version != own["resourceVersion"]:
        raise conflict(resource.name, own["name"])
    if meta.get("uid") and meta["uid"] != own["uid"]:
        raise conflict(resource.name, own["name"], "the UIDs differ")
    replicas = (scale.get("spec") or {}).get("replicas") or 0
    wrong = _problems(replicas)
    if wrong:
        raise invalid_object("Scale.autoscaling", own["name"], wrong)
    changed: Object = without_nulls(parent)
    changed["spec"]["replicas"] = replicas
    return changed


def _problems(replicas: object) -> list[FieldError]:
    path = "spec.replicas"
    if not isinstance(replicas, int) or isinstance(replicas, bool):
        return [invalid(path, replicas, "must be an integer")]
    if replicas < 0:
        return [invalid(path, replicas, "must be greater than or equal to 0")]
    if replicas > _MOST_REPLICAS:
        return [invalid(path, replicas, f"must be at most {_MOST_REPLICAS}")]
    return []
