"""Empty a namespace that is being deleted, then let it go.

Rules
- Pods go first, gracefully; then everything else, so that nothing is left running
  without the objects that describe it.
- The namespace itself goes only when a fresh reading finds nothing left in it.
- While it waits, its conditions say what remains and which finalizers hold it.

Follows pkg/controller/namespace/deletion/namespaced_resources_deleter.go.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from supervisor.client.base import Client, DeleteOptions, WatchEvent
from supervisor.kinds import identity
from supervisor.kinds.catalog import Catalog
from supervisor.kinds.identity import NAMESPACE
from supervisor.machinery.clock import Clock
from supervisor.model import times
from supervisor.model.errors import ApiError, is_absent_or_unreadable
from supervisor.model.finalizers import NAMESPACE_CONTENT
from supervisor.model.meta import Object

_LOOK_AGAIN_SECONDS = 10.0


def keys_for(event: WatchEvent) -> Iterable[str]:
    """The namespace that is going, or the one that something has left."""
    meta = event.object["metadata"]
    if event.object.get("kind") == NAMESPACE.kind:
        return [meta["name"]] if meta.get("deletionTimestamp") else []
    return [meta["namespace"]] if event.type == "DELETED" else []


@dataclass(frozen=True)
class Wording:
    """What a condition says when it holds, and when it does not."""

    type: str
    bad_reason: str
    bad_text: str
    """Followed by the particulars."""
    good_reason: str
    good_text: str


_WORDINGS = (
    Wording(
        "NamespaceDeletionContentFailure",
        "ContentDeletionFailed",
        "",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    Wording(
        "NamespaceContentRemaining",
        "SomeResourcesRemain",
        "Some resources are remaining: ",
        "ContentRemoved",
        "All content successfully removed",
    ),
    Wording(
        "NamespaceFinalizersRemaining",
        "SomeFinalizersRemain",
        "Some content in the namespace has finalizers remaining: ",
        "ContentHasNoFinalizers",
        "All content-preserving finalizers finished",
    ),
)


def plan(
    remaining: Mapping[str, Sequence[Object]], failure: str, now: float
) -> list[Object]:
    """The conditions that tell why the namespace waits; none when it may go.

    `remaining` has the objects left by resource, `failure` what went wrong in deleting.
    """
    left = {resource: objs for resource, objs in remaining.items() if objs}
    if not left and not failure:
        return []
    objects = [obj for objs in left.values() for obj in objs]
    holders = Counter(
        name for obj in objects for name in obj["metadata"].get("finalizers") or ()
    )
    resources = (
        f"{_dotted(resource)} has {len(objs)} resource instances"
        for resource, objs in sorted(left.items())
    )
    finalizers = (f"{f} in {n} resource instances" for f, n in sorted(holders.items()))
    particulars = (failure, ", ".join(resources), ", ".join(finalizers))
    rows = zip(_WORDINGS, particulars, strict=True)
    return [_condition(wording, found, now) for wording, found in rows]


def _condition(wording: Wording, found: str, now: float) -> Object:
    """The condition holds when there is something to say."""
    return {
        "type": wording.type,
        "status": "True" if found else "False",
        "lastTransitionTime": times.to_text(now),
        "reason": wording.bad_reason if found else wording.good_reason,
        "message": wording.bad_text + found if found else wording.good_text,
    }


def _dotted(resource: str) -> str:
    """As upstream writes it: the plural, a dot, the group."""
    return resource if "." in resource else f"{resource}."


def merged(held: Sequence[Object], new: Sequence[Object]) -> list[Object]:
    """`new` over `held`; a condition whose status stays keeps its transition time."""
    by_type = {condition["type"]: condition for condition in held}
    for condition in new:
        known = by_type.get(condition["type"], {})
        same = known.get("status") == condition["status"]
        since = {"lastTransitionTime": known["lastTransitionTime"]} if same else {}
        by_type[condition["type"]] = condition | since
    return list(by_type.values())


class Namespaces:
    """The rule `namespaces`, over the namespaced kinds among those given."""

    name = identity.NAMESPACE.resource
    first_keys: tuple[str, ...] = ()

    def __init__(self, client: Client, clock: Clock, catalog: Catalog) -> None:
        self._client = client
        self._clock = clock
        kinds = [kind for kind in catalog.writable if kind.identity.namespaced]
        # What has to be ended by agents takes longest, and goes first.
        kinds.sort(
            key=lambda kind: (kind.deletion.grace is None, kind.identity.resource)
        )
        self._contents = [kind.identity.resource for kind in kinds]
        # Events leave all the time; what waits for them looks again by itself.
        heard = (k.identity.resource for k in kinds if k.deletion.collected)
        self.resources = (NAMESPACE.resource, *heard)

    def keys_for(self, event: WatchEvent) -> Iterable[str]:
        return keys_for(event)

    def reconcile(self, key: str) -> float | None:
        """Go on with one namespace, if it is being deleted."""
        try:
            namespace = self._client.get(NAMESPACE.resource, key)
        except ApiError as error:
            if is_absent_or_unreadable(error):
                return None
            raise
        finalizers = (namespace.get("spec") or {}).get("finalizers") or []
        if not namespace["metadata"].get("deletionTimestamp") or not finalizers:
            return None
        failure = self._empty(key)
        remaining = {r: self._client.list(r, key).items for r in self._contents}
        now = self._clock.now()
        waiting = plan(remaining, failure, now)
        if not waiting:
            self._finalize(namespace, finalizers)
            return None
        self._write_conditions(namespace, waiting)
        return now + _LOOK_AGAIN_SECONDS

    def _empty(self, namespace: str) -> str:
        """Delete all that is there; what went wrong, if anything."""
        wrong = []
        options = DeleteOptions(propagation_policy="Background")
        for resource in self._contents:
            try:
                self._client.delete_collection(resource, namespace, options=options)
            except ApiError as error:
                if error.code not in (404, 405):
                    wrong.append(str(error))
        return ", ".join(wrong)

    def _finalize(self, namespace: Object, finalizers: list[str]) -> None:
        kept = [finalizer for finalizer in finalizers if finalizer != NAMESPACE_CONTENT]
        body = namespace | {"spec": namespace["spec"] | {"finalizers": kept}}
        self._client.update(NAMESPACE.resource, body, subresource="finalize")

    def _write_conditions(self, namespace: Object, waiting: list[Object]) -> None:
        status = namespace.get("status") or {}
        held = status.get("conditions") or []
        conditions = merged(held, waiting)
        if conditions != held:
            body = namespace | {"status": status | {"conditions": conditions}}
            self._client.update(NAMESPACE.resource, body, subresource="status")
