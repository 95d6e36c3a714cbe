"""Evictions: the pod condition, and the options in the request. Pure.

Follows pkg/registry/core/pod/storage/eviction.go.
"""

from supervisor.api.registry import checking
from supervisor.model import times
from supervisor.model.errors import FieldError, bad_request, unsupported
from supervisor.model.meta import Object, without_nulls

API_VERSIONS = ("policy/v1", "policy/v1beta1")


def with_disruption_condition(pod: Object, now: float) -> Object:
    """`pod` with condition DisruptionTarget; `now` is in seconds since the epoch."""
    changed: Object = without_nulls(pod)
    status = changed.setdefault("status", {})
    conditions = status.setdefault("conditions", [])
    before: Object = next(
        (c for c in conditions if c.get("type") == "DisruptionTarget"), {}
    )
    since = before.get("lastTransitionTime") if before.get("status") == "True" else None
    condition = {
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
        "lastTransitionTime": since or times.to_text(now),
    }
    others = [c for c in conditions if c.get("type") != "DisruptionTarget"]
    status["conditions"] = [*others, condition]
    return changed


def delete_options(eviction: Object, pod: str) -> Object:
    """The DeleteOptions in the body of an eviction. Raises ApiError 400.

    Some clients send neither kind nor apiVersion.
    """
    kind = eviction.get("kind") or "Eviction"
    if kind != "Eviction":
        raise bad_request(f"the body of an eviction must be an Eviction, not a {kind}")
    version = eviction.get("apiVersion") or API_VERSIONS[0]
    if version not in API_VERSIONS:
        wrong: FieldError = unsupported("apiVersion", version, API_VERSIONS)
        raise bad_request(f"{wrong.field}: {wrong.message}")
    body = checking.read_subresource_body(version, "Eviction", eviction)
    if body.get("metadata", {}).get("name", pod) != pod:
        raise bad_request("name in URL does not match name in Eviction object")
    options: Object = body.get("deleteOptions", {})
    return options
