"""Computing the state of an object after a delete request. Pure.

Rules
- Preconditions are checked first: a different uid or resourceVersion is a conflict.
- Pods are deleted gracefully: they get a deletionTimestamp and are removed when their
  agent deletes them with grace period 0. A later request can only shorten the grace
  period. Unbound and finished pods are removed immediately.
- An object with finalizers gets a deletionTimestamp and is removed with its last
  finalizer. Foreground and Orphan are finalizers, which the garbage collector removes;
  without a policy in the request, the default of the kind applies.
- A namespace is removed when it is Terminating and has no finalizers in metadata and
  spec.

Follows apiserver/pkg/registry/rest/delete.go, registry/generic/registry/store.go and
pkg/registry/core/{pod/strategy,namespace/storage/storage}.go.
"""

from collections.abc import Callable

from supervisor.api.registry import checking
from supervisor.client.base import DeleteOptions
from supervisor.kinds.base import Kind
from supervisor.model import schema, times
from supervisor.model.errors import (
    ApiError,
    FieldError,
    conflict,
    forbidden,
    invalid,
    invalid_object,
    unsupported,
)
from supervisor.model.finalizers import FOREGROUND, ORPHAN
from supervisor.model.meta import Object, without_nulls

POLICIES = ("Background", "Foreground", "Orphan")


def check_options(options: DeleteOptions) -> None:
    """Raises ApiError 422 for invalid options."""
    wrong: list[FieldError] = []
    policy = options.propagation_policy
    if policy is not None and policy not in POLICIES:
        wrong.append(unsupported("propagationPolicy", policy, POLICIES))
    grace = options.grace_period_seconds
    if grace is not None and (isinstance(grace, bool) or not isinstance(grace, int)):
        wrong.append(invalid("gracePeriodSeconds", grace, "must be an integer"))
    if wrong:
        raise invalid_object("DeleteOptions.meta.k8s.io", "", wrong)


def plan(kind: Kind, old: Object, options: DeleteOptions, now: float) -> Object:
    """`old` after the delete request; to be removed if `is_complete` is true.

    `now` is in seconds since the epoch. Raises ApiError 403 or 409.
    """
    check_preconditions(kind, old, options)
    name = old["metadata"]["name"]
    if refusal := kind.deletion.refused(name):
        raise forbidden(kind.identity.resource, name, refusal)
    obj: Object = without_nulls(old)
    meta = obj["metadata"]
    if kind.deletion.collected:
        _set_finalizers(kind, meta, options.propagation_policy)
    if "deletionTimestamp" in meta:
        _shorten_grace(kind, meta, options)
    else:
        asked, grace_of = options.grace_period_seconds, kind.deletion.grace
        grace = grace_of(obj, asked) if grace_of else 0
        # The requested grace period may be beyond representable times.
        grace = min(grace, int(times.LATEST - now))
        meta["deletionTimestamp"] = times.to_text(now + grace)
        meta["deletionGracePeriodSeconds"] = grace
        if meta.get("generation"):
            meta["generation"] += 1
    kind.deletion.begin(obj)
    return obj


def plan_or_repair(
    kind: Kind,
    old: Object,
    mark: Callable[[Object], Object],
    options: DeleteOptions,
    now: float,
) -> Object:
    """`plan` for `mark(old)`; for a damaged object, only its fields that match the
    schema are used.
    """
    try:
        return plan(kind, mark(old), options, now)
    except ApiError:
        raise
    except (TypeError, ValueError, LookupError, AttributeError):
        fitting = schema.without_mistyped(old, checking.schema_of(kind))
        return plan(kind, mark(fitting), options, now)


def is_complete(kind: Kind, obj: Object) -> bool:
    """Whether an object that is being deleted can be removed."""
    meta = obj["metadata"]
    held = meta.get("finalizers") or kind.deletion.held(obj)
    if "deletionTimestamp" not in meta or held:
        return False
    return not meta.get("deletionGracePeriodSeconds")


def check_preconditions(kind: Kind, old: Object, options: DeleteOptions) -> None:
    meta = old["metadata"]
    asked = {"UID": options.uid, "ResourceVersion": options.resource_version}
    found = {"UID": meta.get("uid"), "ResourceVersion": meta["resourceVersion"]}
    for what, wanted in asked.items():
        if wanted and wanted != found[what]:
            detail = (
                f"Precondition failed: {what} in precondition: {wanted}, "
                f"{what} in object meta: {found[what]}"
            )
            raise conflict(kind.identity.resource, meta["name"], detail)


def _set_finalizers(kind: Kind, meta: Object, policy: str | None) -> None:
    present = meta.get("finalizers", [])
    if policy is None:
        if ORPHAN in present:
            policy = "Orphan"
        elif FOREGROUND in present:
            policy = "Foreground"
        else:
            policy = kind.deletion.default_propagation
    kept = [f for f in present if f not in (ORPHAN, FOREGROUND)]
    kept += {"Orphan": [ORPHAN], "Foreground": [FOREGROUND]}.get(policy, [])
    if kept:
        meta["finalizers"] = kept
    else:
        meta.pop("finalizers", None)


def _shorten_grace(kind: Kind, meta: Object, options: DeleteOptions) -> None:
    """Shorten the grace period of an object that is already being deleted."""
    if kind.deletion.grace is None:
        return
    before = meta.get("deletionGracePeriodSeconds", 0)
    asked = options.grace_period_seconds
    if asked is None:
        return
    asked = 1 if asked < 0 else asked
    if asked >= before:
        return
    begun = times.to_seconds(meta["deletionTimestamp"]) - before
    meta["deletionTimestamp"] = times.to_text(begun + asked)
    meta["deletionGracePeriodSeconds"] = asked


def success_status(kind: Kind, last: Object) -> Object:
    """The response to a deletion that has removed the object `last`."""
    details = {
        "name": last["metadata"]["name"],
        "kind": kind.identity.plural,
    }
    # For a damaged object only the name is known.
    if uid := last["metadata"].get("uid"):
        details["uid"] = uid
    if kind.identity.group:
        details["group"] = kind.identity.group
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": details,
    }
