"""Computing the new state of an object from an update or a patch.

Rules
- A resourceVersion or uid in the request must match the stored one; otherwise 409.
- System fields (uid, creation and deletion times) may be omitted and are kept.
- A request to `status` changes only the status, to `finalize` only the finalizers of a
  namespace's spec, and to the object itself everything except the status.

Follows apiserver/pkg/registry/rest/update.go and endpoints/handlers/patch.go.
"""

from collections.abc import Callable
from typing import Any

from supervisor.api.patch import apply
from supervisor.api.registry import checking
from supervisor.client.base import PatchType, WriteOptions
from supervisor.kinds import conversion, scale
from supervisor.kinds.base import Kind, Subresource
from supervisor.model import schema
from supervisor.model.errors import ApiError, bad_request, conflict
from supervisor.model.meta import Object, without_nulls


def apply_update(
    kind: Kind, body: Object, old: Object, part: Subresource | None
) -> Object:
    """The object to store in place of `old`. Raises ApiError 400, 409, 422.

    `part` is the subresource that `body` was sent to; None for the object itself.
    """
    new: Object = without_nulls(body)
    _check_identity(kind, new["metadata"], old["metadata"])
    new["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
    if part is not None and part.write is not None:
        return checking.to_stored_typed(kind, part.write(kind, new, old))
    return checking.prepare_changed(kind, new, old)


def apply_patch(
    kind: Kind, old: Object, patch: Any, how: PatchType, api_version: str
) -> Object:
    """`old` in `api_version` with `patch` applied. Raises ApiError 400, 415, 422."""
    version = kind.old_version(api_version)
    shown = conversion.from_stored(old, version) if version else old
    return apply(shown, patch, how, checking.schema_of(kind, shown["apiVersion"]))


def apply_patched_body(
    kind: Kind,
    body: Object,
    old: Object,
    part: Subresource | None,
    options: WriteOptions,
) -> Object:
    """The object to store after a patch turned `old` into `body`.

    Adds warnings to `options`. Raises ApiError 400, 409, 422.
    """
    new = checking.read_body(kind, body, options)
    if part is None:
        checking.warn_of_unsupported(kind, new, options, old)
    return apply_update(kind, new, old, part)


def apply_or_repair(
    kind: Kind, old: Object, change: Callable[[Object], Object]
) -> Object:
    """`change(old)`; if `old` is damaged, `change` of the fields that match the schema.

    This way, any patch repairs a damaged object.
    """
    try:
        return change(old)
    except (ApiError, TypeError, LookupError, AttributeError) as error:
        if isinstance(error, ApiError) and error.code != 400:
            raise
        fitting = schema.without_mistyped(old, checking.schema_of(kind))
        if fitting == old:
            raise
        return change(fitting)


def apply_scale_patch(kind: Kind, shown: Object, patch: Any, how: PatchType) -> Object:
    """The Scale `shown` with `patch` applied.

    The kind of the parent is accepted in `patch`, as upstream does: some clients send
    it.
    """
    type_ = schema.lookup(scale.API_VERSION, scale.KIND)
    if type_ is None:
        raise LookupError(f"no schema of {scale.KIND} in {scale.API_VERSION}")
    result = apply(shown, patch, how, type_)
    if kind.identity.head.items() <= result.items():
        result |= {key: shown[key] for key in ("apiVersion", "kind")}
    return result


def _check_identity(kind: Kind, new: Object, old: Object) -> None:
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
        raise conflict(kind.identity.resource, old["name"], detail)
    version = new.get("resourceVersion")
    if version and version != "0" and version != old["resourceVersion"]:
        raise conflict(kind.identity.resource, old["name"])
