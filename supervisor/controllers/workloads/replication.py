"""ReplicationControllers and ReplicaSets: as many pods as `spec.replicas` says.

Rules
- The present is read through the API each time: all pods that the controller owns and
  all that it selects. Nothing is cached and nothing expected.
- Pods are created in batches of 1, 2, 4, …; after a batch in which one failed the rest
  waits for the next time. Deletions are all tried.
- A failure shows as condition ReplicaFailure until a later pass succeeds.
- Before adopting, the controller is read again: it must still stand.
- One worker at a time, since two keys may concern the same controller.

Follows pkg/controller/replication and pkg/controller/replicaset/replica_set.go.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from supervisor.client.base import Client, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.controllers.base import ObjectKey
from supervisor.controllers.reading import all_typed, typed
from supervisor.controllers.workloads import replicas
from supervisor.controllers.workloads.pod_control import PodControl
from supervisor.controllers.workloads.replicas import (
    AdoptPod,
    Counts,
    CreatePods,
    DeletePod,
    Plan,
    ReleasePod,
    Wanted,
)
from supervisor.kinds.identity import (
    POD,
    REPLICA_SET,
    REPLICATION_CONTROLLER,
    Identity,
)
from supervisor.machinery.clock import Clock
from supervisor.model import label_selector, selectors, times
from supervisor.model.equality import same
from supervisor.model.errors import ApiError, conflict, is_absent_or_unreadable
from supervisor.model.kinds import ReplicationController
from supervisor.model.meta import Object
from supervisor.model.pod import Pod
from supervisor.model.selectors import LabelSelector
from supervisor.model.workloads import ReplicaSet

Owner = ReplicationController | ReplicaSet
ORPHANS = ""
"""In place of a name: whoever selects a pod without a controller in that namespace."""


@dataclass(frozen=True)
class OwnerKind:
    """What differs between the two kinds of owners."""

    rule: str
    identity: Identity
    value_type: type[Owner]

    def selector(self, obj: Object) -> LabelSelector:
        """What the owner selects; it must be one that its value type can hold."""
        return selector_of(typed(self.value_type, obj))


CONTROLLERS = OwnerKind("replication", REPLICATION_CONTROLLER, ReplicationController)
REPLICA_SETS = OwnerKind("replicaset", REPLICA_SET, ReplicaSet)


def selector_of(owner: Owner) -> LabelSelector:
    if isinstance(owner, ReplicaSet):
        return label_selector.to_selector(owner.spec.selector)
    return selectors.from_map(owner.spec.selector)


@dataclass(frozen=True)
class Failure:
    """What condition ReplicaFailure says."""

    reason: str
    message: str


def keys_for(event: WatchEvent, kind: str) -> Iterable[ObjectKey]:
    """The controller itself, the pod's controller, or all that may adopt the pod."""
    meta = event.object["metadata"]
    namespace = meta["namespace"]
    if event.object.get("kind") == kind:
        return [ObjectKey(namespace, meta["name"])]
    owners = [o for o in meta.get("ownerReferences") or () if o.get("controller")]
    if owners:
        names = [owner["name"] for owner in owners if owner["kind"] == kind]
        return [ObjectKey(namespace, name) for name in names]
    adoptable = event.type != "DELETED" and meta.get("labels")
    return [ObjectKey(namespace, ORPHANS)] if adoptable else []


def plan(owner: Owner, pods: list[Pod], now: float) -> Plan:
    """What to do about `pods`: all that `owner` owns and all that it selects."""
    return replicas.plan(wanted_by(owner), pods, now)


def wanted_by(owner: Owner) -> Wanted:
    template = owner.spec.template
    labels = (template.metadata.labels if template else None) or {}
    return Wanted(
        uid=owner.metadata.uid,
        selector=selector_of(owner),
        replicas=owner.spec.replicas,
        min_ready_seconds=owner.spec.min_ready_seconds,
        template_labels=tuple(sorted(labels.items())),
        deleting=owner.metadata.deletion_timestamp is not None,
    )


def status_of(
    rc: Object, counts: Counts, failure: Failure | None, now: float
) -> Object:
    """The status to write; conditions of other types stay, zeros are left out."""
    held = (rc.get("status") or {}).get("conditions") or []
    conditions = [c for c in held if failure or c["type"] != "ReplicaFailure"]
    if failure and not any(c["type"] == "ReplicaFailure" for c in conditions):
        condition = {
            "type": "ReplicaFailure",
            "status": "True",
            "lastTransitionTime": times.to_text(now),
            "reason": failure.reason,
            "message": failure.message,
        }
        conditions.append(condition)
    optional = {
        "fullyLabeledReplicas": counts.fully_labeled,
        "readyReplicas": counts.ready,
        "availableReplicas": counts.available,
        "observedGeneration": rc["metadata"].get("generation", 0),
        "conditions": conditions,
    }
    shown = {key: value for key, value in optional.items() if value}
    return {"replicas": counts.replicas} | shown


class Replication:
    """The rules `replication` and `replicaset`."""

    first_keys: tuple[ObjectKey, ...] = ()

    def __init__(
        self,
        client: Client,
        clock: Clock,
        recorder: EventRecorder,
        kind: OwnerKind = CONTROLLERS,
    ) -> None:
        self.name = kind.rule
        self.resources = (kind.identity.resource, POD.resource)
        self._kind = kind
        self._resource = kind.identity.resource
        self._client = client
        self._clock = clock
        self._pods = PodControl(client, recorder)

    def keys_for(self, event: WatchEvent) -> Iterable[ObjectKey]:
        return keys_for(event, self._kind.identity.kind)

    def reconcile(self, key: ObjectKey) -> float | None:
        """Bring one controller to what it asks for."""
        if key.name == ORPHANS:
            self._offer_orphans(key.namespace)
            return None
        try:
            rc = self._client.get(self._resource, key.name, key.namespace)
        except ApiError as error:
            if is_absent_or_unreadable(error):
                return None
            raise
        return self._settle(rc)

    def _offer_orphans(self, namespace: str) -> None:
        """Settle the controllers that select a pod without a controller."""
        controllers = self._client.list(self._resource, namespace).items
        pods = self._client.list(POD.resource, namespace).items if controllers else []
        metas = [pod.metadata for pod in all_typed(Pod, pods)]
        free = [meta for meta in metas if meta.controller is None]
        for rc in controllers:
            selector = self._kind.selector(rc)
            if selector and any(selector.matches(meta.labels) for meta in free):
                self._settle(rc)

    def _settle(self, rc: Object) -> float | None:
        controller = typed(self._kind.value_type, rc)
        pods, now = self._present(controller), self._clock.now()
        todo = plan(controller, pods, now)
        failure = self._perform(rc, todo)
        if todo.actions:
            # What was done shows in one write of the status instead of two.
            pods, now = self._present(controller), self._clock.now()
        counts = replicas.count(wanted_by(controller), pods, now)
        self._write_status(rc, status_of(rc, counts, failure, now))
        if failure:
            raise ApiError(503, failure.reason, failure.message)
        return plan(controller, pods, now).wake_at

    def _present(self, rc: Owner) -> list[Pod]:
        """All active and past pods that the controller owns or selects."""
        selector = selector_of(rc)

        def concerns(meta: Object) -> bool:
            owners = meta.get("ownerReferences") or ()
            if any(owner["uid"] == rc.metadata.uid for owner in owners):
                return True
            return bool(selector) and selector.matches(meta.get("labels"))

        # One list: with two, a pod whose labels change in between is in neither.
        found = self._client.list(POD.resource, rc.metadata.namespace).items
        return all_typed(Pod, (pod for pod in found if concerns(pod["metadata"])))

    def _perform(self, rc: Object, todo: Plan) -> Failure | None:
        """Carry out `todo`; what failed in creating or deleting is answered."""
        failure = None
        if any(isinstance(action, AdoptPod) for action in todo.actions):
            self._recheck(rc)
        for action in todo.actions:
            match action:
                case AdoptPod():
                    self._pods.adopt(rc, action)
                case ReleasePod():
                    self._pods.release(rc, action)
                case CreatePods():
                    if error := self._pods.create(rc, action.count):
                        failure = Failure("FailedCreate", str(error))
                case DeletePod():
                    if error := self._pods.delete(rc, action):
                        failure = failure or Failure("FailedDelete", str(error))
        return failure

    def _recheck(self, rc: Object) -> None:
        meta = rc["metadata"]
        fresh = self._client.get(self._resource, meta["name"], meta["namespace"])[
            "metadata"
        ]
        if fresh["uid"] != meta["uid"] or fresh.get("deletionTimestamp"):
            raise conflict(self._resource, meta["name"], "it was deleted meanwhile")

    def _write_status(self, rc: Object, status: Object) -> None:
        if same(status, rc.get("status")):
            return
        try:
            body = rc | {"status": status}
            self._client.update(self._resource, body, subresource="status")
        except ApiError as error:
            if error.code != 404:
                raise
