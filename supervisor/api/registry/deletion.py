"""What a deletion does to an object, decided as a value. Pure.

Rules
- Preconditions come first: another uid or resourceVersion than asked for is a conflict.
- Pods end gracefully: they get a deletionTimestamp, and vanish when their agent
  deletes them with grace 0. A later request may only shorten the grace. A pod on no
  node, or one that has finished, vanishes at once.
- An object with finalizers only gets its deletionTimestamp; it vanishes when the last
  finalizer goes. Foreground and Orphan are finalizers that the garbage collector
  removes; who gives no policy gets the resource's own.
- A namespace vanishes when it is Terminating and has finalizers neither in its
  metadata nor in its spec.

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
    """Raises ApiError 422 for what no deletion can mean."""
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
    """`old` after what `options` ask for at `now`; it vanishes if it `is_over`."""
    check_preconditions(kind, old, options)
    name = old["metadata"]["name"]
    if refusal := kind.deletion.refused(name):
        raise forbidden(kind.identity.resource, name, refusal)
    obj: Object = without_nulls(old)
    meta = obj["metadata"]
    if kind.deletion.collected:
        _set_finalizers(kind, meta, options.propagation_policy)
    if "deletionTimestamp" in meta:
        _shorten(kind, meta, options)
    else:
        asked, grace_of = options.grace_period_seconds, kind.deletion.grace
        grace = grace_of(obj, asked) if grace_of else 0
        # Users may grant any number of seconds.
        grace = min(grace, int(times.LATEST - now))
        meta["deletionTimestamp"] = times.to_text(now + grace)
        meta["deletionGracePeriodSeconds"] = grace
        if meta.get("generation"):
            meta["generation"] += 1
    kind.deletion.begin(obj)
    return obj


def planned(
    kind: Kind,
    old: Object,
    mark: Callable[[Object], Object],
    options: DeleteOptions,
    now: float,
) -> Object:
    """`plan` for `old` with its `mark`; of a damaged object, for what fits its type."""
    try:
        return plan(kind, mark(old), options, now)
    except ApiError:
        raise
    except (TypeError, ValueError, LookupError, AttributeError):
        fitting = schema.without_mistyped(old, checking.type_of(kind))
        return plan(kind, mark(fitting), options, now)


def is_over(kind: Kind, obj: Object) -> bool:
    """Whether nothing holds an object back any more that is being deleted."""
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


def _shorten(kind: Kind, meta: Object, options: DeleteOptions) -> None:
    """Bring forward the end of what is being deleted already, if asked to."""
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


def success(kind: Kind, last: Object) -> Object:
    """The Status that answers a deletion which is done."""
    details = {
        "name": last["metadata"]["name"],
        "kind": kind.identity.plural,
    }
    # Of a damaged object only the name is known.
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
