"""The rule `statefulset`: numbered pods, their claims, revisions and status.

Follows pkg/controller/statefulset/stateful_set.go.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from supervisor.client.base import Client, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.controllers.base import EVERYTHING, ObjectKey
from supervisor.controllers.reading import all_typed, typed
from supervisor.controllers.workloads.claiming import claim, controller_of
from supervisor.controllers.workloads.history import HASH_LABEL, template_of
from supervisor.controllers.workloads.revision_history import RevisionHistory
from supervisor.controllers.workloads.statefulsets import claims
from supervisor.controllers.workloads.statefulsets.identity import (
    claim_names,
    ordinal_of,
)
from supervisor.controllers.workloads.statefulsets.performing import Performer
from supervisor.controllers.workloads.statefulsets.plan import Sight, plan
from supervisor.controllers.workloads.statefulsets.status import status_of
from supervisor.kinds.identity import PERSISTENT_VOLUME_CLAIM, POD, STATEFUL_SET
from supervisor.machinery.clock import Clock
from supervisor.model import label_selector
from supervisor.model.equality import same
from supervisor.model.errors import (
    ApiError,
    is_absent_or_unreadable,
    is_namespace_terminating,
)
from supervisor.model.meta import Object
from supervisor.model.pod import Pod
from supervisor.model.selectors import LabelSelector
from supervisor.model.statefulset import StatefulSet

_CLAIMS = PERSISTENT_VOLUME_CLAIM.resource


def keys_for(event: WatchEvent) -> Iterable[ObjectKey]:
    kind, meta = event.object.get("kind"), event.object["metadata"]
    if kind == STATEFUL_SET.kind:
        return [ObjectKey(meta["namespace"], meta["name"])]
    if kind == PERSISTENT_VOLUME_CLAIM.kind:
        is_gone = event.type == "DELETED"
        return [ObjectKey(meta["namespace"], EVERYTHING)] if is_gone else []
    owner = controller_of(event.object)
    if owner is not None:
        is_ours = owner["kind"] == STATEFUL_SET.kind
        return [ObjectKey(meta["namespace"], owner["name"])] if is_ours else []
    adoptable = event.type != "DELETED" and meta.get("labels")
    return [ObjectKey(meta["namespace"], EVERYTHING)] if adoptable else []


@dataclass(frozen=True)
class _Revisions:
    current: str
    update: str
    templates: Mapping[str, Object]
    """Pod templates by name of the revision."""


class StatefulSets:
    """The rule `statefulset`."""

    name = "statefulset"
    resources = (STATEFUL_SET.resource, POD.resource, _CLAIMS)
    first_keys: tuple[ObjectKey, ...] = ()

    def __init__(self, client: Client, clock: Clock, recorder: EventRecorder) -> None:
        self._client = client
        self._clock = clock
        self._performer = Performer(client, recorder)
        self._revisions = RevisionHistory(client, STATEFUL_SET)

    def keys_for(self, event: WatchEvent) -> Iterable[ObjectKey]:
        return keys_for(event)

    def reconcile(self, key: ObjectKey) -> float | None:
        if key.name == EVERYTHING:
            found = self._client.list(STATEFUL_SET.resource, key.namespace).items
            return min(filter(None, map(self._step, found)), default=None)
        try:
            obj = self._client.get(STATEFUL_SET.resource, key.name, key.namespace)
        except ApiError as error:
            if is_absent_or_unreadable(error):
                return None
            raise
        return self._step(obj)

    def _step(self, obj: Object) -> float | None:
        stateful_set = typed(StatefulSet, obj)
        selector = label_selector.to_selector(stateful_set.spec.selector)
        labels = (obj["spec"]["template"].get("metadata") or {}).get("labels")
        if not selector or not selector.matches(labels):
            return None
        pods = self._owned(obj, selector)
        revisions = self._keep_history(obj, stateful_set, pods)
        self._own_claims(obj, stateful_set, pods)
        sight = self._sight(obj, stateful_set, pods, revisions)
        todo = plan(sight)
        failure: ApiError | None = None
        for action in todo.actions:
            try:
                self._performer.perform(obj, action, revisions.templates)
            except ApiError as error:
                failure = failure or error
        if todo.actions:
            pods = self._owned(obj, selector)
            sight = self._sight(obj, stateful_set, pods, revisions)
        self._write(obj, status_of(sight))
        if failure is not None and not is_namespace_terminating(failure):
            raise failure
        return todo.wake_at

    def _owned(self, obj: Object, selector: LabelSelector) -> list[Pod]:
        meta = obj["metadata"]
        listed = self._client.list(POD.resource, meta["namespace"]).items
        found = [
            pod
            for pod in listed
            if ordinal_of(meta["name"], pod["metadata"]["name"]) is not None
        ]
        mine = claim(self._client, STATEFUL_SET, obj, selector, POD, found)
        return all_typed(Pod, mine)

    def _sight(
        self,
        obj: Object,
        stateful_set: StatefulSet,
        pods: Sequence[Pod],
        revisions: _Revisions,
    ) -> Sight:
        stale, unclaimed = set(), set()
        if obj["spec"].get("volumeClaimTemplates"):
            uids = {pod.metadata.name: pod.metadata.uid for pod in pods}
            known = self._claims(obj)
            spec, name = stateful_set.spec, stateful_set.metadata.name
            start = spec.ordinals.start
            for number in range(start, start + spec.replicas):
                pod_name = f"{name}-{number}"
                for claim_name in claim_names(obj, pod_name).values():
                    found = known.get(claim_name)
                    if found is None:
                        unclaimed.add(pod_name)
                    elif claims.is_stale(found, pod_name, uids.get(pod_name, "")):
                        stale.add(pod_name)
        return Sight(
            stateful_set,
            pods,
            revisions.current,
            revisions.update,
            self._clock.now(),
            frozenset(stale),
            frozenset(unclaimed),
        )

    def _claims(self, obj: Object) -> dict[str, Object]:
        found = self._client.list(_CLAIMS, obj["metadata"]["namespace"]).items
        return {claim["metadata"]["name"]: claim for claim in found}

    # -- revisions
    def _keep_history(
        self, obj: Object, stateful_set: StatefulSet, pods: Sequence[Pod]
    ) -> _Revisions:
        found = self._revisions.of(obj)
        status, limit = stateful_set.status, stateful_set.spec.revision_history_limit
        used = {(pod.metadata.labels or {}).get(HASH_LABEL, "") for pod in pods}
        used |= {status.current_revision, status.update_revision}
        update = self._revisions.keep(obj, found, used, limit).name
        templates = {r["metadata"]["name"]: template_of(r) for r in found}
        templates[update] = obj["spec"]["template"]
        current = status.current_revision
        return _Revisions(
            current if current in templates else update, update, templates
        )

    # -- claims
    def _own_claims(
        self, obj: Object, stateful_set: StatefulSet, pods: Sequence[Pod]
    ) -> None:
        """Write the owners of claims by which the garbage collector deletes them."""
        spec = stateful_set.spec
        if not spec.volume_claim_templates or obj["metadata"].get("deletionTimestamp"):
            return
        known, start = self._claims(obj), spec.ordinals.start
        for pod in pods:
            meta = pod.metadata
            number = ordinal_of(stateful_set.metadata.name, meta.name)
            is_surplus = number not in range(start, start + spec.replicas)
            for name in claim_names(obj, meta.name).values():
                if name not in known:
                    continue
                wanted = claims.owners(
                    known[name],
                    obj,
                    {"metadata": {"name": meta.name, "uid": meta.uid}},
                    is_surplus=is_surplus,
                    policy=spec.persistent_volume_claim_retention_policy,
                )
                if wanted is not None:
                    uid = known[name]["metadata"]["uid"]
                    patch = {"metadata": {"uid": uid, "ownerReferences": wanted}}
                    self._client.patch(_CLAIMS, name, meta.namespace, patch)

    def _write(self, obj: Object, counts: Object) -> None:
        before = obj.get("status") or {}
        kept = {k: before[k] for k in ("collisionCount", "conditions") if k in before}
        status = kept | counts
        if same(status, before):
            return
        meta = obj["metadata"]
        replaced: Mapping[str, object] = dict.fromkeys(before) | status
        self._client.patch(
            STATEFUL_SET.resource,
            meta["name"],
            meta["namespace"],
            {"metadata": {"uid": meta["uid"]}, "status": replaced},
            subresource="status",
        )
