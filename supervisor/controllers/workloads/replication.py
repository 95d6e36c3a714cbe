"""ReplicationControllers: as many pods as `spec.replicas` says, whatever happens.

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
from supervisor.kinds.identity import POD, REPLICATION_CONTROLLER
from supervisor.machinery.clock import Clock
from supervisor.model import selectors, times
from supervisor.model.equality import same
from supervisor.model.errors import ApiError, conflict, is_absent_or_unreadable
from supervisor.model.kinds import ReplicationController
from supervisor.model.meta import Object
from supervisor.model.pod import Pod

_RESOURCE = REPLICATION_CONTROLLER.resource
_KIND = REPLICATION_CONTROLLER.kind
ORPHANS = ""
"""In place of a name: whoever selects a pod without a controller in that namespace."""


@dataclass(frozen=True)
class Failure:
    """What condition ReplicaFailure says."""

    reason: str
    message: str


def keys_for(event: WatchEvent) -> Iterable[ObjectKey]:
    """The controller itself, the pod's controller, or all that may adopt the pod."""
    meta = event.object["metadata"]
    namespace = meta["namespace"]
    if event.object.get("kind") == _KIND:
        return [ObjectKey(namespace, meta["name"])]
    owners = [o for o in meta.get("ownerReferences") or () if o.get("controller")]
    if owners:
        names = [owner["name"] for owner in owners if owner["kind"] == _KIND]
        return [ObjectKey(namespace, name) for name in names]
    adoptable = event.type != "DELETED" and meta.get("labels")
    return [ObjectKey(namespace, ORPHANS)] if adoptable else []


def plan(rc: ReplicationController, pods: list[Pod], now: float) -> Plan:
    """What to do about `pods`: all that `rc` owns and all that it selects."""
    return replicas.plan(wanted_by(rc), pods, now)


def wanted_by(rc: ReplicationController) -> Wanted:
    template = rc.spec.template
    labels = (template.metadata.labels if template else None) or {}
    return Wanted(
        uid=rc.metadata.uid,
        selector=selectors.from_map(rc.spec.selector),
        replicas=rc.spec.replicas,
        min_ready_seconds=rc.spec.min_ready_seconds,
        template_labels=tuple(sorted(labels.items())),
        deleting=rc.metadata.deletion_timestamp is not None,
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
    """The rule `replication`."""

    name = "replication"
    resources = (REPLICATION_CONTROLLER.resource, POD.resource)
    first_keys: tuple[ObjectKey, ...] = ()

    def __init__(self, client: Client, clock: Clock, recorder: EventRecorder) -> None:
        self._client = client
        self._clock = clock
        self._pods = PodControl(client, recorder)

    def keys_for(self, event: WatchEvent) -> Iterable[ObjectKey]:
        return keys_for(event)

    def reconcile(self, key: ObjectKey) -> float | None:
        """Bring one controller to what it asks for."""
        if key.name == ORPHANS:
            self._offer_orphans(key.namespace)
            return None
        try:
            rc = self._client.get(_RESOURCE, key.name, key.namespace)
        except ApiError as error:
            if is_absent_or_unreadable(error):
                return None
            raise
        return self._settle(rc)

    def _offer_orphans(self, namespace: str) -> None:
        """Settle the controllers that select a pod without a controller."""
        controllers = self._client.list(_RESOURCE, namespace).items
        pods = self._client.list(POD.resource, namespace).items if controllers else []
        metas = [pod.metadata for pod in all_typed(Pod, pods)]
        free = [meta for meta in metas if meta.controller is None]
        for rc in controllers:
            selector = selectors.from_map(rc["spec"].get("selector"))
            if selector and any(selector.matches(meta.labels) for meta in free):
                self._settle(rc)

    def _settle(self, rc: Object) -> float | None:
        controller = typed(ReplicationController, rc)
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

    def _present(self, rc: ReplicationController) -> list[Pod]:
        """All active and past pods that the controller owns or selects."""
        selector = selectors.from_map(rc.spec.selector)

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
        fresh = self._client.get(_RESOURCE, meta["name"], meta["namespace"])["metadata"]
        if fresh["uid"] != meta["uid"] or fresh.get("deletionTimestamp"):
            raise conflict(_RESOURCE, meta["name"], "it was deleted meanwhile")

    def _write_status(self, rc: Object, status: Object) -> None:
        if same(status, rc.get("status")):
            return
        try:
            body = rc | {"status": status}
            self._client.update(_RESOURCE, body, subresource="status")
        except ApiError as error:
            if error.code != 404:
                raise
