"""The rule `job`: each Job's pods, their accounting, and what comes after the end.

Rules
- The status is written before a finalizer goes, and the change of the pod wakes us for
  the next step of the accounting (see accounting.py).
- Finalizers of pods without a Job are taken away, so that they can go.
- A finished Job is deleted with its pods `ttlSecondsAfterFinished` later.

Follows pkg/controller/job/job_controller.go and pkg/controller/ttlafterfinished.
"""

from collections.abc import Iterable

from supervisor.client.base import Client, DeleteOptions, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.controllers.base import ObjectKey
from supervisor.controllers.reading import all_typed, typed
from supervisor.controllers.workloads.claiming import claim, controller_of
from supervisor.controllers.workloads.jobs import status as states
from supervisor.controllers.workloads.jobs.accounting import account
from supervisor.controllers.workloads.jobs.making import pod_of
from supervisor.controllers.workloads.jobs.plan import (
    CreatePods,
    DeletePod,
    Plan,
    plan,
)
from supervisor.controllers.workloads.jobs.pods import TRACKING, sort
from supervisor.controllers.workloads.pod_control import PodControl
from supervisor.kinds.identity import JOB, POD
from supervisor.kinds.jobs import JOB_NAME
from supervisor.machinery.clock import Clock
from supervisor.model import label_selector
from supervisor.model.equality import same
from supervisor.model.errors import ApiError, is_absent_or_unreadable
from supervisor.model.jobs import Job, JobStatus
from supervisor.model.meta import Object, encode
from supervisor.model.pod import Pod


def keys_for(event: WatchEvent) -> Iterable[ObjectKey]:
    """The Job itself, or the one that owns the pod, or whose name the pod carries."""
    meta = event.object["metadata"]
    namespace = meta["namespace"]
    if event.object.get("kind") == JOB.kind:
        return [ObjectKey(namespace, meta["name"])]
    owner = controller_of(event.object)
    if owner is not None:
        is_ours = owner["kind"] == JOB.kind
        return [ObjectKey(namespace, owner["name"])] if is_ours else []
    name = (meta.get("labels") or {}).get(JOB_NAME)
    return [ObjectKey(namespace, name)] if name else []


class Jobs:
    """The rule `job`."""

    name = "job"
    resources = (JOB.resource, POD.resource)
    first_keys: tuple[ObjectKey, ...] = ()

    def __init__(self, client: Client, clock: Clock, recorder: EventRecorder) -> None:
        self._client = client
        self._clock = clock
        self._recorder = recorder
        self._pods = PodControl(client, recorder)

    def keys_for(self, event: WatchEvent) -> Iterable[ObjectKey]:
        return keys_for(event)

    def reconcile(self, key: ObjectKey) -> float | None:
        try:
            obj = self._client.get(JOB.resource, key.name, key.namespace)
        except ApiError as error:
            if error.code == 404:
                self._release_strays(key, "")
                return None
            if is_absent_or_unreadable(error):
                return None
            raise
        self._release_strays(key, obj["metadata"]["uid"])
        return self._step(obj)

    def _release_strays(self, key: ObjectKey, job_uid: str) -> None:
        """Let pods go that carry the name of this Job and are not its."""
        labels = f"{JOB_NAME}={key.name}"
        for pod in self._client.list(POD.resource, key.namespace, labels=labels).items:
            owner = controller_of(pod)
            is_stray = owner is None or owner["uid"] != job_uid
            adoptable = owner is None and job_uid
            if is_stray and not adoptable:
                self._release(pod)

    def _step(self, obj: Object) -> float | None:
        job = typed(Job, obj)
        selector = label_selector.to_selector(job.spec.selector)
        if not selector:
            return None
        found = self._client.list(POD.resource, obj["metadata"]["namespace"]).items
        mine = claim(self._client, JOB, obj, selector, POD, found)
        pods = all_typed(Pod, mine)
        by_uid = {pod["metadata"]["uid"]: pod for pod in mine}
        if job.metadata.deletion_timestamp or states.is_finished(job):
            for pod in pods:
                self._release(by_uid[pod.metadata.uid])
            return None if job.metadata.deletion_timestamp else self._expire(job)
        seen = sort(pods, only_failed=job.spec.pod_replacement_policy == "Failed")
        counted, now = account(job, pods, seen), self._clock.now()
        todo = plan(job, seen, counted, now, states.decided(job))
        if todo.outcome is not None:
            counted = account(job, pods, seen, ends=True)
        failure = self._perform(obj, by_uid, todo)
        status = states.status_of(job, seen, counted, todo, now)
        self._write(obj, job, status, todo)
        for pod in counted.release:
            self._release(by_uid[pod.metadata.uid])
        if failure is not None:
            raise failure
        return todo.wake_at

    def _perform(
        self, obj: Object, pods: dict[str, Object], todo: Plan
    ) -> ApiError | None:
        """The first failure in creating or deleting, if any."""
        failure = None
        for action in todo.actions:
            match action:
                case CreatePods():
                    bodies = _bodies(obj, action)
                    failure = failure or self._pods.create_all(obj, bodies)
                case DeletePod():
                    if not action.counts:
                        self._release(pods[action.uid])
                    error = self._pods.delete(obj, action)
                    failure = failure or error
        return failure

    def _release(self, pod: Object) -> None:
        meta = pod["metadata"]
        finalizers = meta.get("finalizers") or []
        if TRACKING not in finalizers:
            return
        kept = [name for name in finalizers if name != TRACKING]
        patch = {"metadata": {"uid": meta["uid"], "finalizers": kept or None}}
        try:
            self._client.patch(POD.resource, meta["name"], meta["namespace"], patch)
        except ApiError as error:
            if error.code not in (404, 409):
                raise

    def _write(self, obj: Object, job: Job, status: JobStatus, todo: Plan) -> None:
        shown = encode(status)
        if same(shown, obj.get("status") or {}):
            return
        # With the version that was read: no account may be written over a newer one.
        self._client.update(JOB.resource, obj | {"status": shown}, subresource="status")
        self._tell(obj, job, status, todo)

    def _tell(self, obj: Object, job: Job, status: JobStatus, todo: Plan) -> None:
        """Events of what the status says for the first time."""
        held = {(c.type, c.status) for c in job.status.conditions}
        for condition in status.conditions:
            if (condition.type, condition.status) in held:
                continue
            match condition.type, condition.status:
                case "Complete", "True":
                    self._recorder.record(obj, "Normal", "Completed", "Job completed")
                case "Failed", "True":
                    reason, text = condition.reason, condition.message
                    self._recorder.record(obj, "Warning", reason, text)
                case "Suspended", _:
                    word = "Suspended" if condition.status == "True" else "Resumed"
                    self._recorder.record(obj, "Normal", word, condition.message)

    def _expire(self, job: Job) -> float | None:
        seconds, end = job.spec.ttl_seconds_after_finished, states.finished_at(job)
        if seconds is None or end is None:
            return None
        if end + seconds > self._clock.now():
            return end + seconds
        meta = job.metadata
        options = DeleteOptions(uid=meta.uid, propagation_policy="Foreground")
        try:
            self._client.delete(JOB.resource, meta.name, meta.namespace, options)
        except ApiError as error:
            if error.code not in (404, 409):
                raise
        return None


def _bodies(job: Object, action: CreatePods) -> list[Object]:
    if not action.indexes:
        return [pod_of(job, None)] * action.count
    failures = action.failures or (None,) * len(action.indexes)
    pairs = zip(action.indexes, failures, strict=True)
    return [pod_of(job, index, before) for index, before in pairs]
