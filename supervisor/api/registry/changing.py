"""The new version of an object, from what is stored and what a client asks for.

Rules
- A resourceVersion or uid that the client gives must be the stored one: 409 otherwise.
- What is ours (uid, creation and deletion times) may be left out, and then stays.
- Through `status` only the status changes, through `finalize` only the finalizers of a
  namespace's spec, and through the object itself everything but the status.

Follows apiserver/pkg/registry/rest/update.go and endpoints/handlers/patch.go.
"""

from collections.abc import Callable
from typing import Any

from supervisor.api.patch import apply
from supervisor.api.registry import checking
from supervisor.api.scheme import Resource
from supervisor.client.base import PatchType
from supervisor.model import schema
from supervisor.model.errors import ApiError, bad_request, conflict
from supervisor.model.meta import Object, without_nulls


def updated(resource: Resource, asked: Object, old: Object, subresource: str) -> Object:
    """What is to be stored in place of `old`. Raises ApiError 400, 409, 422."""
    new: Object = without_nulls(asked)
    _check_identity(resource, new["metadata"], old["metadata"])
    new["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
    if subresource == "finalize":
        return checking.written(resource, _finalized(new, old))
    return checking.changed_object(resource, new, old, status=subresource == "status")


def patched(resource: Resource, old: Object, patch: Any, kind: PatchType) -> Object:
    """`old` with `patch` applied. Raises ApiError 400, 415, 422."""
    return apply(old, patch, kind, checking.type_of(resource))


def mended(
    resource: Resource, old: Object, change: Callable[[Object], Object]
) -> Object:
    """`old` after `change`; if `old` is damaged, what fits its type after `change`.

    So a patch, of whatever field, mends a damaged object.
    """
    try:
        return change(old)
    except (ApiError, TypeError, LookupError, AttributeError) as error:
        if isinstance(error, ApiError) and error.code != 400:
            raise
        fitting = schema.fitting(old, checking.type_of(resource))
        if fitting == old:
            raise
        return change(fitting)


def patched_scale(
    resource: Resource, scale: Object, patch: Any, kind: PatchType
) -> Object:
    """`scale` with `patch` applied, which may call it by its parent's kind.

    Some clients send the patch of the parent; upstream reads its kind as the Scale's.
    """
    type_ = schema.lookup("autoscaling/v1", "Scale")
    if type_ is None:
        raise LookupError("no schema of Scale in autoscaling/v1")
    result = apply(scale, patch, kind, type_)
    named = (result.get("apiVersion"), result.get("kind"))
    if named == (resource.api_version, resource.kind):
        result |= {key: scale[key] for key in ("apiVersion", "kind")}
    return result


def _check_identity(resource: Resource, new: Object, old: Object) -> None:
    for name in ("name", "namespace"):
        if new.setdefault(name, old.get(name, "")) != old.get(name, ""):
            raise bad_request(
                f"the {name} of the object ({new[name]}) does not match the {name} "
                f"on the URL ({old.get(name, '')})"
            )
    if not new["namespace"]:
        del new["namespace"]
    if new.get("uid") and new["uid"] != old["uid"]:
        detail = (
            f"Precondition failed: UID in precondition: {new['uid']}, "
            f"UID in object meta: {old['uid']}"
        )
        raise conflict(resource.name, old["name"], detail)
    version = new.get("resourceVersion")
    if version and version != "0" and version != old["resourceVersion"]:
        raise conflict(resource.name, old["name"])


def _finalized(new: Object, old: Object) -> Object:
    """A namespace as it was, with the finalizers that `new` has in its spec."""
    result: Object = without_nulls(old)
    finalizers = new.get("spec", {}).get("finalizers", [])
    spec = result.setdefault("spec", {})
    if finalizers:
        spec["finalizers"] = finalizers
    else:
        spec.pop("finalizers", None)
    return result
