"""The rule `deployment`: each Deployment's ReplicaSets, and its status.

Rules
- The present is read through the API each time; every change of a ReplicaSet wakes its
  Deployment again, so one pass does one step.
- The name of a ReplicaSet is the Deployment's with a hash of the template. If another
  template has that name, the hash is made again with a count of such collisions.

Follows pkg/controller/deployment.
"""

from collections.abc import Iterable, Sequence
from copy import deepcopy

from supervisor.client.base import Client, DeleteOptions, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.controllers.base import ObjectKey
from supervisor.controllers.reading import typed
from supervisor.controllers.workloads.claiming import claim, controller_of
from supervisor.controllers.workloads.deployments import progress
from supervisor.controllers.workloads.deployments.plan import (
    CreateSet,
    DeleteSet,
    ScaleSet,
    UpdateSet,
    plan,
)
from supervisor.controllers.workloads.deployments.progress import Happened
from supervisor.controllers.workloads.deployments.sets import (
    DESIRED,
    MAX,
    SetState,
    bounds_of,
    copied,
    new_of,
    states,
)
from supervisor.kinds.identity import DEPLOYMENT, POD, REPLICA_SET
from supervisor.kinds.workloads import revisions
from supervisor.machinery.clock import Clock
from supervisor.model import label_selector
from supervisor.model.equality import same
from supervisor.model.errors import ApiError, is_absent_or_unreadable
from supervisor.model.meta import Object, controller_reference
from supervisor.model.selectors import LabelSelector
from supervisor.model.workloads import Deployment

ORPHANS = ""
"""In place of a name: the Deployments that may adopt a ReplicaSet of the namespace."""
PODS_ENDED = "*"
"""In place of a name: the Deployments that wait for the end of older pods."""
_OVER = ("Succeeded", "Failed")


def keys_for(event: WatchEvent) -> Iterable[ObjectKey]:
    meta, kind = event.object["metadata"], event.object.get("kind")
    namespace = meta["namespace"]
    if kind == DEPLOYMENT.kind:
        return [ObjectKey(namespace, meta["name"])]
    owner = controller_of(event.object)
    if kind == POD.kind:
        phase = (event.object.get("status") or {}).get("phase")
        is_over = event.type == "DELETED" or phase in _OVER
        is_ours = owner is not None and owner["kind"] == REPLICA_SET.kind
        return [ObjectKey(namespace, PODS_ENDED)] if is_over and is_ours else []
    if owner is None:
        return [ObjectKey(namespace, ORPHANS)] if event.type != "DELETED" else []
    return (
        [ObjectKey(namespace, owner["name"])]
        if owner["kind"] == DEPLOYMENT.kind
        else []
    )


class Deployments:
    """The rule `deployment`."""

    name = "deployment"
    resources = (DEPLOYMENT.resource, REPLICA_SET.resource, POD.resource)
    first_keys: tuple[ObjectKey, ...] = ()

    def __init__(self, client: Client, clock: Clock, recorder: EventRecorder) -> None:
        self._client = client
        self._clock = clock
        self._recorder = recorder

    def keys_for(self, event: WatchEvent) -> Iterable[ObjectKey]:
        return keys_for(event)

    def reconcile(self, key: ObjectKey) -> float | None:
        """One step of one Deployment."""
        if key.name in (ORPHANS, PODS_ENDED):
            for each in self._client.list(DEPLOYMENT.resource, key.namespace).items:
                if key.name == ORPHANS or _recreates(each):
                    self._step(each)
            return None
        try:
            found = self._client.get(DEPLOYMENT.resource, key.name, key.namespace)
        except ApiError as error:
            if is_absent_or_unreadable(error):
                return None
            raise
        return self._step(found)

    def _step(self, obj: Object) -> float | None:
        deployment = typed(Deployment, obj)
        selector = label_selector.to_selector(deployment.spec.selector)
        if not selector:
            return None
        owned = self._owned(obj, selector)
        sets = states(obj, owned)
        old_pods_run = _recreates(obj) and self._old_pods_run(obj, owned, sets)
        todo = plan(deployment, sets, old_pods_run=old_pods_run)
        done = self._perform(obj, deployment, owned, todo)
        if todo:
            owned = self._owned(obj, selector)
            sets = states(obj, owned)
        status = self._write(obj, deployment, sets, done)
        if done.failed:
            raise ApiError(503, "ReplicaSetCreateError", done.failed)
        return status

    def _owned(self, obj: Object, selector: LabelSelector) -> list[Object]:
        namespace = obj["metadata"]["namespace"]
        found = self._client.list(REPLICA_SET.resource, namespace).items
        return claim(self._client, DEPLOYMENT, obj, selector, REPLICA_SET, found)

    def _old_pods_run(
        self, obj: Object, owned: Sequence[Object], sets: Sequence[SetState]
    ) -> bool:
        new = new_of(sets)
        old = {
            rs["metadata"]["uid"]
            for rs in owned
            if new is None or rs["metadata"]["name"] != new.name
        }
        for pod in self._client.list(POD.resource, obj["metadata"]["namespace"]).items:
            owner = controller_of(pod)
            if owner is None or owner["uid"] not in old:
                continue
            if (pod.get("status") or {}).get("phase") not in _OVER:
                return True
        return False

    def _perform(
        self,
        obj: Object,
        deployment: Deployment,
        owned: Sequence[Object],
        todo: Sequence[CreateSet | ScaleSet | UpdateSet | DeleteSet],
    ) -> Happened:
        by_name = {rs["metadata"]["name"]: rs for rs in owned}
        done = Happened()
        for action in todo:
            match action:
                case CreateSet():
                    done = self._create(obj, deployment, action)
                case ScaleSet():
                    self._scale(obj, deployment, by_name[action.name], action)
                case UpdateSet():
                    self._update(obj, deployment, by_name[action.name], action)
                case DeleteSet():
                    self._delete(by_name[action.name])
        return done

    def _create(
        self, obj: Object, deployment: Deployment, action: CreateSet
    ) -> Happened:
        body = replica_set(obj, deployment, action)
        meta = body["metadata"]
        try:
            made = self._client.create(REPLICA_SET.resource, body, meta["namespace"])
        except ApiError as error:
            if error.reason == "AlreadyExists":
                return self._collided(obj, deployment, meta["name"])
            text = f"Failed to create new replica set {meta['name']!r}: {error}"
            self._recorder.record(obj, "Warning", "ReplicaSetCreateError", text)
            return Happened(failed=text)
        if revisions.newest(obj, [made]) is None:
            # It would not be found again, and another one made at each pass.
            self._delete(made)
            text = f'The template of replica set "{meta["name"]}" was changed'
            return Happened(failed=text)
        self._number(obj, action.revision)
        if action.replicas > 0:
            self._say_scaled(obj, meta["name"], 0, action.replicas)
        return Happened(created=meta["name"])

    def _collided(self, obj: Object, deployment: Deployment, name: str) -> Happened:
        """Another set has the name: ours from a moment ago, or one to be avoided."""
        namespace = obj["metadata"]["namespace"]
        found = self._client.get(REPLICA_SET.resource, name, namespace)
        owner = controller_of(found) or {}
        is_ours = owner.get("uid") == obj["metadata"]["uid"]
        if is_ours and revisions.newest(obj, [found]) is not None:
            return Happened(found=name)
        return Happened(collisions=(deployment.status.collision_count or 0) + 1)

    def _scale(
        self, obj: Object, deployment: Deployment, rs: Object, action: ScaleSet
    ) -> None:
        meta = rs["metadata"]
        patch = {
            "metadata": {"uid": meta["uid"], "annotations": _sizes(deployment)},
            "spec": {"replicas": action.after},
        }
        self._client.patch(REPLICA_SET.resource, meta["name"], meta["namespace"], patch)
        if action.after != action.before:
            self._say_scaled(obj, meta["name"], action.before, action.after)

    def _say_scaled(self, obj: Object, name: str, before: int, after: int) -> None:
        way = "up" if after > before else "down"
        text = f"Scaled {way} replica set {name} from {before} to {after}"
        self._recorder.record(obj, "Normal", "ScalingReplicaSet", text)

    def _update(
        self, obj: Object, deployment: Deployment, rs: Object, action: UpdateSet
    ) -> None:
        meta = rs["metadata"]
        notes = dict(copied(deployment.metadata.annotations or {}))
        notes[revisions.REVISION] = str(action.revision)
        patch = {
            "metadata": {"uid": meta["uid"], "annotations": notes},
            "spec": {"minReadySeconds": deployment.spec.min_ready_seconds},
        }
        self._client.patch(REPLICA_SET.resource, meta["name"], meta["namespace"], patch)
        self._number(obj, action.revision)

    def _number(self, obj: Object, revision: int) -> None:
        """Have the Deployment say which revision it is at."""
        meta = obj["metadata"]
        patch = {
            "metadata": {
                "uid": meta["uid"],
                "annotations": {revisions.REVISION: str(revision)},
            }
        }
        self._client.patch(DEPLOYMENT.resource, meta["name"], meta["namespace"], patch)

    def _delete(self, rs: Object) -> None:
        meta = rs["metadata"]
        try:
            self._client.delete(
                REPLICA_SET.resource,
                meta["name"],
                meta["namespace"],
                DeleteOptions(uid=meta["uid"]),
            )
        except ApiError as error:
            if error.code not in (404, 409):
                raise

    def _write(
        self,
        obj: Object,
        deployment: Deployment,
        sets: Sequence[SetState],
        done: Happened,
    ) -> float | None:
        """Write the status if it differs; when to look again at the latest."""
        if not deployment.status.conditions and (new := new_of(sets)):
            found = done.found or new.name
            done = Happened(done.created, found, done.failed, done.collisions)
        now = self._clock.now()
        status = progress.status_of(deployment, sets, done, now)
        shown = progress.to_json(status)
        if not same(shown, obj.get("status") or {}):
            meta = obj["metadata"]
            patch = {"metadata": {"uid": meta["uid"]}, "status": _replaced(obj, shown)}
            self._client.patch(
                DEPLOYMENT.resource,
                meta["name"],
                meta["namespace"],
                patch,
                subresource="status",
            )
        return progress.deadline_of(deployment, status)


def _replaced(obj: Object, status: Object) -> Object:
    """A merge patch that leaves nothing of the old status."""
    return dict.fromkeys(obj.get("status") or {}) | status


def _recreates(obj: Object) -> bool:
    strategy = (obj.get("spec") or {}).get("strategy") or {}
    return strategy.get("type") == "Recreate"


def _sizes(deployment: Deployment) -> dict[str, str]:
    bounds = bounds_of(deployment)
    return {DESIRED: str(bounds.replicas), MAX: str(bounds.max_total)}


def replica_set(obj: Object, deployment: Deployment, action: CreateSet) -> Object:
    """The ReplicaSet of the Deployment's present template."""
    meta, template = obj["metadata"], deepcopy(obj["spec"]["template"])
    collisions = deployment.status.collision_count
    label = {
        revisions.HASH_LABEL: revisions.template_hash(
            revisions.plain_template(template), collisions
        )
    }
    labels = (template.setdefault("metadata", {}).get("labels") or {}) | label
    template["metadata"]["labels"] = labels
    selector = deepcopy(obj["spec"].get("selector") or {})
    selector["matchLabels"] = (selector.get("matchLabels") or {}) | label
    notes = dict(copied(deployment.metadata.annotations or {})) | _sizes(deployment)
    notes[revisions.REVISION] = str(action.revision)
    return {
        **REPLICA_SET.head,
        "metadata": {
            "name": f"{meta['name']}-{label[revisions.HASH_LABEL]}",
            "namespace": meta["namespace"],
            "labels": labels,
            "annotations": notes,
            "ownerReferences": [controller_reference(obj)],
        },
        "spec": {
            "replicas": action.replicas,
            "minReadySeconds": deployment.spec.min_ready_seconds,
            "selector": selector,
            "template": template,
        },
    }
