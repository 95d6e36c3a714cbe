"""The new version of an object, from what is stored and what a client asks for.

Rules
- A resourceVersion or uid that the client gives must be the stored one: 409 otherwise.
- What is ours (uid, creation and deletion times) may be left out, and then stays.
- Through `status` only the status changes, through `finalize` only the finalizers of a
  namespace's spec, and through the object itself everything but the status.

Follows apiserver/pkg/registry/rest/update.go and endpoints/handlers/patch.go.
"""

from typing import Any

from supervisor.api.registry import checking
from supervisor.api.scheme import Resource
from supervisor.client.base import PatchType
from supervisor.model.errors import bad_request, conflict
from supervisor.model.meta import Object, without_nulls

_OURS = (
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generateName",
)


def updated(resource: Resource, asked: Object, old: Object, subresource: str) -> Object:
    """What is to be stored in place of `old`. Raises ApiError 400, 409, 422."""
    new: Object = without_nulls(asked)
    _check_identity(resource, new["metadata"], old["metadata"])
    for name in _OURS:
        if name in old["metadata"]:
            new["metadata"].setdefault(name, old["metadata"][name])
        else:
            new["metadata"].pop(name, None)
    new["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
    if subresource == "finalize":
        return _finalized(new, old)
    checking.prepare_update(resource, new, old, status=subresource == "status")
    return new


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


def patched(resource: Resource, old: Object, patch: Any, kind: PatchType) -> Object:
    """`old` with `patch` applied."""
    result: Object = _merged(old, patch)
    return result


def patched_scale(scale: Object, patch: Any, kind: PatchType) -> Object:
    result: Object = _merged(scale, patch)
    return result


def _merged(old: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    result = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merged(result.get(key), value)
    return result
