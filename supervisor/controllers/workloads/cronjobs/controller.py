"""The rule `cronjob`: makes Jobs when their time has come, and deletes old ones.

Follows pkg/controller/cronjob/cronjob_controllerv2.go.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from datetime import tzinfo

from supervisor.client.base import Client, DeleteOptions, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.controllers.base import ObjectKey
from supervisor.controllers.reading import all_typed, typed
from supervisor.controllers.workloads.claiming import controller_of
from supervisor.controllers.workloads.cronjobs.plan import (
    CreateJob,
    DeleteJob,
    Plan,
    Report,
    is_finished,
    plan,
)
from supervisor.kinds.cronjobs.validation import load_zone
from supervisor.kinds.identity import CRON_JOB, JOB
from supervisor.machinery.clock import Clock
from supervisor.machinery.local_zone import local_zone
from supervisor.model import cron, times
from supervisor.model.equality import same
from supervisor.model.errors import (
    ApiError,
    is_absent_or_unreadable,
    is_namespace_terminating,
)
from supervisor.model.jobs import CronJob, CronJobStatus, Job
from supervisor.model.meta import Object, controller_reference, encode

_SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"


def keys_for(event: WatchEvent) -> Iterable[ObjectKey]:
    meta = event.object["metadata"]
    if event.object.get("kind") == CRON_JOB.kind:
        return [ObjectKey(meta["namespace"], meta["name"])]
    owner = controller_of(event.object)
    is_ours = owner is not None and owner["kind"] == CRON_JOB.kind
    return [ObjectKey(meta["namespace"], owner["name"])] if owner and is_ours else []


class CronJobs:
    """The rule `cronjob`."""

    name = "cronjob"
    resources = (CRON_JOB.resource, JOB.resource)
    first_keys: tuple[ObjectKey, ...] = ()

    def __init__(
        self,
        client: Client,
        clock: Clock,
        recorder: EventRecorder,
        zone: Callable[[], tzinfo] = local_zone,
    ) -> None:
        """`zone` answers where schedules are read that name no time zone."""
        self._client = client
        self._clock = clock
        self._recorder = recorder
        self._zone = zone

    def keys_for(self, event: WatchEvent) -> Iterable[ObjectKey]:
        return keys_for(event)

    def reconcile(self, key: ObjectKey) -> float | None:
        try:
            obj = self._client.get(CRON_JOB.resource, key.name, key.namespace)
        except ApiError as error:
            if is_absent_or_unreadable(error):
                return None
            raise
        cron_job = typed(CronJob, obj)
        jobs = all_typed(Job, self._owned(obj))
        todo = self._plan(obj, cron_job, jobs)
        if todo is None:
            return None
        made = self._perform(obj, todo)
        self._write(obj, cron_job, jobs, made, todo)
        return todo.wake_at

    def _owned(self, obj: Object) -> list[Object]:
        uid, namespace = obj["metadata"]["uid"], obj["metadata"]["namespace"]
        found = self._client.list(JOB.resource, namespace).items
        return [job for job in found if (controller_of(job) or {}).get("uid") == uid]

    def _plan(self, obj: Object, cron_job: CronJob, jobs: Sequence[Job]) -> Plan | None:
        name = cron_job.spec.time_zone
        try:
            zone = load_zone(name) if name else self._zone()
        except ValueError as error:
            text = f"invalid timeZone: {name}: {error}"
            self._recorder.record(obj, "Warning", "UnknownTimeZone", text)
            return None
        try:
            schedule = cron.parse(cron_job.spec.schedule)
        except ValueError as error:
            text = f"unparseable schedule: {cron_job.spec.schedule!r}: {error}"
            self._recorder.record(obj, "Warning", "UnparseableSchedule", text)
            return None
        return plan(cron_job, jobs, schedule, zone, self._clock.now())

    def _perform(self, obj: Object, todo: Plan) -> Object | None:
        """Carry out all; the Job that was made, if one was."""
        made = None
        for action in todo.actions:
            match action:
                case CreateJob():
                    made = self._create(obj, action)
                case DeleteJob():
                    self._delete(obj, action)
                case Report():
                    kind, reason = action.kind, action.reason
                    self._recorder.record(obj, kind, reason, action.because)
        return made

    def _create(self, obj: Object, action: CreateJob) -> Object | None:
        body = job_of(obj, action)
        namespace = obj["metadata"]["namespace"]
        try:
            made = self._client.create(JOB.resource, body, namespace)
        except ApiError as error:
            if is_namespace_terminating(error):
                return None
            if error.reason == "AlreadyExists":
                return self._found(obj, action)
            text = f"Error creating job: {error}"
            self._recorder.record(obj, "Warning", "FailedCreate", text)
            raise
        text = f"Created job {action.name}"
        self._recorder.record(obj, "Normal", "SuccessfulCreate", text)
        return made

    def _found(self, obj: Object, action: CreateJob) -> Object | None:
        """A Job of that name: ours, made just before somebody died, or another's."""
        namespace = obj["metadata"]["namespace"]
        found = self._client.get(JOB.resource, action.name, namespace)
        if (controller_of(found) or {}).get("uid") == obj["metadata"]["uid"]:
            return found
        text = f"Error creating job: {action.name} exists and is not of this CronJob"
        self._recorder.record(obj, "Warning", "FailedCreate", text)
        return None

    def _delete(self, obj: Object, action: DeleteJob) -> None:
        options = DeleteOptions(uid=action.uid, propagation_policy="Background")
        namespace = obj["metadata"]["namespace"]
        try:
            self._client.delete(JOB.resource, action.name, namespace, options)
        except ApiError as error:
            if error.code in (404, 409):
                return
            text = f"Deleted job: {error}"
            self._recorder.record(obj, "Warning", "FailedDelete", text)
            raise
        text = f"Deleted job {action.name}"
        self._recorder.record(obj, "Normal", "SuccessfulDelete", text)

    def _write(
        self,
        obj: Object,
        cron_job: CronJob,
        jobs: Sequence[Job],
        made: Object | None,
        todo: Plan,
    ) -> None:
        gone = {a.uid for a in todo.actions if isinstance(a, DeleteJob)}
        self._tell_of_ends(obj, cron_job, jobs)
        active = [
            _reference(job.metadata.name, job.metadata.namespace, job.metadata.uid)
            for job in jobs
            if not is_finished(job) and job.metadata.uid not in gone
        ]
        last = cron_job.status.last_schedule_time
        for action in todo.actions:
            if isinstance(action, CreateJob) and made is not None:
                last = times.to_text(action.slot)
                meta = made["metadata"]
                active.append(_reference(meta["name"], meta["namespace"], meta["uid"]))
        ends = [j.status.completion_time for j in jobs if j.status.completion_time]
        success = max([*ends, cron_job.status.last_successful_time or ""]) or None
        shown = encode(CronJobStatus(tuple(active), last, success))
        if not same(shown, obj.get("status") or {}):
            body = obj | {"status": shown}
            self._client.update(CRON_JOB.resource, body, subresource="status")

    def _tell_of_ends(
        self, obj: Object, cron_job: CronJob, jobs: Sequence[Job]
    ) -> None:
        by_uid = {job.metadata.uid: job for job in jobs}
        for each in cron_job.status.active:
            job = by_uid.get(str(each.get("uid")))
            if job is None:
                text = f"Active job went missing: {each.get('name')}"
                self._recorder.record(obj, "Normal", "MissingJob", text)
            elif is_finished(job):
                kinds = [c.type for c in job.status.conditions if c.status == "True"]
                end = "Complete" if "Complete" in kinds else "Failed"
                text = f"Saw completed job: {job.metadata.name}, condition: {end}"
                self._recorder.record(obj, "Normal", "SawCompletedJob", text)


def _reference(name: str, namespace: str, uid: str) -> Object:
    return {**JOB.head, "name": name, "namespace": namespace, "uid": uid}


def job_of(obj: Object, action: CreateJob) -> Object:
    """The Job of one slot, from the CronJob's template."""
    template = deepcopy(obj["spec"].get("jobTemplate") or {})
    given = template.get("metadata") or {}
    notes = (given.get("annotations") or {}) | {_SCHEDULED: times.to_text(action.slot)}
    return {
        **JOB.head,
        "metadata": {
            "name": action.name,
            "namespace": obj["metadata"]["namespace"],
            "labels": given.get("labels") or {},
            "annotations": notes,
            "ownerReferences": [controller_reference(obj)],
        },
        "spec": template.get("spec") or {},
    }
