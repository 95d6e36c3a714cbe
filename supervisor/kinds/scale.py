"""The `scale` subresource: the number of replicas of a parent object. Pure.

Follows pkg/registry/core/replicationcontroller/storage/storage.go.
"""

from supervisor.kinds.base import CHANGE_VERBS, Kind, Scale, Subresource
from supervisor.kinds.columns import (
    AGE,
    NAME,
    Cell,
    Column,
    Printer,
    age_of,
    get,
    name_of,
)
from supervisor.model.errors import (
    FieldError,
    bad_request,
    conflict,
    invalid,
    invalid_object,
)
from supervisor.model.meta import Object, without_nulls

KIND = "Scale"
API_VERSION = "autoscaling/v1"
_KEPT = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
_MAX_REPLICAS = 2**31 - 1


def subresource(scale: Scale) -> Subresource:
    """The `scale` subresource of a kind with `spec.replicas` and `status.replicas`."""
    group, _, version = API_VERSION.partition("/")
    return Subresource(
        name="scale",
        kind=KIND,
        verbs=CHANGE_VERBS,
        group=group,
        version=version,
        scale=scale,
    )


def from_parent(scale: Scale, parent: Object) -> Object:
    """The Scale (autoscaling/v1) of `parent`."""
    meta = parent["metadata"]
    selector = scale.selector(parent)
    status: Object = {"replicas": parent.get("status", {}).get("replicas", 0)}
    if selector:
        status["selector"] = selector
    return {
        "kind": KIND,
        "apiVersion": API_VERSION,
        "metadata": {k: meta[k] for k in _KEPT if k in meta},
        "spec": {"replicas": parent["spec"].get("replicas", 0)},
        "status": status,
    }


def check_kind(scale: Object) -> None:
    """Raises ApiError 400 if the body is of another kind."""
    named = scale.get("kind") or KIND
    if named != KIND:
        raise bad_request(f"expected a {KIND}, got a {named}")


def apply(kind: Kind, scale: Object, parent: Object) -> Object:
    """`parent` with the number of replicas of `scale`. Raises ApiError 409 or 422."""
    meta, own = scale.get("metadata") or {}, parent["metadata"]
    version = meta.get("resourceVersion")
    if version and version != own["resourceVersion"]:
        raise conflict(kind.identity.resource, own["name"])
    if meta.get("uid") and meta["uid"] != own["uid"]:
        raise conflict(kind.identity.resource, own["name"], "the UIDs differ")
    replicas = (scale.get("spec") or {}).get("replicas") or 0
    wrong = validate_replicas(replicas)
    if wrong:
        raise invalid_object("Scale.autoscaling", own["name"], wrong)
    changed: Object = without_nulls(parent)
    changed["spec"]["replicas"] = replicas
    return changed


def validate_replicas(replicas: object) -> list[FieldError]:
    """Errors in the number of replicas of a Scale."""
    path = "spec.replicas"
    if not isinstance(replicas, int) or isinstance(replicas, bool):
        return [invalid(path, replicas, "must be an integer")]
    if replicas < 0:
        return [invalid(path, replicas, "must be greater than or equal to 0")]
    if replicas > _MAX_REPLICAS:
        return [invalid(path, replicas, f"must be at most {_MAX_REPLICAS}")]
    return []


def _cells(obj: Object, now: float) -> list[Cell]:
    desired, current = get(obj, "spec.replicas", 0), get(obj, "status.replicas", 0)
    return [name_of(obj), desired, current, age_of(obj, now)]


_DESIRED = Column("Desired", "Desired number of replicas.", "integer")
_AVAILABLE = Column("Available", "Current number of replicas.", "integer")

COLUMNS = Printer((NAME, _DESIRED, _AVAILABLE, AGE), _cells)
