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
from supervisor.client.base import PatchType, WriteOptions
from supervisor.kinds import conversion, scale
from supervisor.kinds.base import Kind, Subresource
from supervisor.model import schema
from supervisor.model.errors import ApiError, bad_request, conflict
from supervisor.model.meta import Object, without_nulls


def updated(kind: Kind, asked: Object, old: Object, part: Subresource | None) -> Object:
    """What is to be stored in place of `old`. Raises ApiError 400, 409, 422.

    `part` is the subresource that `asked` was sent to; None for the object itself.
    """
    new: Object = without_nulls(asked)
    _check_identity(kind, new["metadata"], old["metadata"])
    new["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
    if part is not None and part.write is not None:
        return checking.written_typed(kind, part.write(kind, new, old))
    return checking.changed_object(kind, new, old)


def patched(
    kind: Kind, old: Object, patch: Any, how: PatchType, api_version: str
) -> Object:
    """`old` in `api_version` with `patch` applied. Raises ApiError 400, 415, 422."""
    version = kind.old_version(api_version)
    shown = conversion.from_stored(old, version) if version else old
    return apply(shown, patch, how, checking.type_of(kind, shown["apiVersion"]))


def read_and_updated(
    kind: Kind,
    body: Object,
    old: Object,
    part: Subresource | None,
    options: WriteOptions,
) -> Object:
    """What is to be stored after a patch made `body` of `old`. Warnings go into
    `options`. Raises ApiError 400, 409, 422."""
    new = checking.read(kind, body, options)
    if part is None:
        checking.warn_of_unhonoured(kind, new, options, old)
    return updated(kind, new, old, part)


def mended(kind: Kind, old: Object, change: Callable[[Object], Object]) -> Object:
    """`old` after `change`; if `old` is damaged, what fits its type after `change`.

    So a patch, of whatever field, mends a damaged object.
    """
    try:
        return change(old)
    except (ApiError, TypeError, LookupError, AttributeError) as error:
        if isinstance(error, ApiError) and error.code != 400:
            raise
        fitting = schema.without_mistyped(old, checking.type_of(kind))
        if fitting == old:
            raise
        return change(fitting)


def patched_scale(kind: Kind, shown: Object, patch: Any, how: PatchType) -> Object:
    """The Scale `shown` with `patch` applied, which may call it by its parent's kind.

    Some clients send the patch of the parent; upstream reads its kind as the Scale's.
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
