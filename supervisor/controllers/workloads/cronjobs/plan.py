"""Which Job a CronJob makes now, and which it deletes. Pure.

Rules
- A slot is run once: its Job has the slot in its name, and the status remembers the
  last slot.
- Of several slots that have passed only the latest is run, and none that is older than
  startingDeadlineSeconds.
- Under Forbid a slot waits for the Job that runs, as long as no later one has come.

Follows pkg/controller/cronjob/{cronjob_controllerv2,utils}.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from supervisor.model import times
from supervisor.model.cron import Schedule
from supervisor.model.jobs import CronJob, Job

_MANY = 100


@dataclass(frozen=True)
class CreateJob:
    name: str
    slot: float
    because: str

    def __str__(self) -> str:
        return f"create job {self.name} ({self.because})"


@dataclass(frozen=True)
class DeleteJob:
    name: str
    uid: str
    because: str

    def __str__(self) -> str:
        return f"delete job {self.name} ({self.because})"


@dataclass(frozen=True)
class Report:
    """An event that nothing else follows from."""

    kind: str
    reason: str
    because: str

    def __str__(self) -> str:
        return f"report {self.reason} ({self.because})"


Action = CreateJob | DeleteJob | Report


@dataclass(frozen=True)
class Plan:
    actions: tuple[Action, ...] = ()
    wake_at: float | None = None


def is_finished(job: Job) -> bool:
    return any(
        c.type in ("Complete", "Failed") and c.status == "True"
        for c in job.status.conditions
    )


def plan(
    cron_job: CronJob,
    jobs: Sequence[Job],
    schedule: Schedule,
    zone: tzinfo,
    now: float,
) -> Plan:
    """`jobs` are those that the CronJob owns."""
    surplus = _surplus(cron_job, jobs)
    if cron_job.metadata.deletion_timestamp or cron_job.spec.suspend:
        return Plan(surplus)
    wake_at = schedule.after(now, zone)
    active = [job for job in jobs if not is_finished(job)]
    slot = schedule.latest(_since(cron_job, now), now, zone)
    if slot is None or slot == _last(cron_job):
        return Plan(surplus, wake_at)
    reports = _missed(cron_job, schedule, zone, now)
    name = job_name(cron_job, slot)
    if any(job.metadata.name == name for job in jobs):
        return Plan((*surplus, *reports), wake_at)
    policy = cron_job.spec.concurrency_policy
    if policy == "Forbid" and active:
        text = "Not starting job because prior execution is running and concurrency "
        waits = Report("Normal", "JobAlreadyActive", f"{text}policy is Forbid")
        return Plan((*surplus, *reports, waits), wake_at)
    replaced: list[DeleteJob] = []
    if policy == "Replace":
        replaced = [_delete(j, "the next one replaces it") for j in active]
    made = CreateJob(name, slot, f"its time was {times.to_text(slot)}")
    return Plan((*surplus, *reports, *replaced, made), wake_at)


def job_name(cron_job: CronJob, slot: float) -> str:
    return f"{cron_job.metadata.name}-{int(slot) // 60}"


def _last(cron_job: CronJob) -> float | None:
    text = cron_job.status.last_schedule_time
    return times.to_seconds(text) if text else None


def _since(cron_job: CronJob, now: float) -> float:
    """Slots later than that are still to be run."""
    last = _last(cron_job)
    if last is None:
        last = times.to_seconds(cron_job.metadata.creation_timestamp or "")
    seconds = cron_job.spec.starting_deadline_seconds
    return last if seconds is None else max(last, now - seconds)


def _missed(
    cron_job: CronJob, schedule: Schedule, zone: tzinfo, now: float
) -> tuple[Report, ...]:
    at: float | None = _since(cron_job, now)
    for _ in range(_MANY + 1):
        at = schedule.after(at, zone) if at is not None else None
        if at is None or at > now:
            return ()
    text = "too many missed start times. Set or decrease "
    text += ".spec.startingDeadlineSeconds or check clock skew"
    return (Report("Warning", "TooManyMissedTimes", text),)


def _surplus(cron_job: CronJob, jobs: Sequence[Job]) -> tuple[DeleteJob, ...]:
    """Finished Jobs beyond the limits, the oldest first."""
    spec, found = cron_job.spec, list[DeleteJob]()
    limits = (
        ("Complete", spec.successful_jobs_history_limit),
        ("Failed", spec.failed_jobs_history_limit),
    )
    for kind, limit in limits:
        ended = [
            job
            for job in jobs
            if any(c.type == kind and c.status == "True" for c in job.status.conditions)
            and not job.metadata.deletion_timestamp
        ]
        if limit is None or len(ended) <= limit:
            continue
        ended.sort(key=lambda job: (job.status.start_time or "", job.metadata.name))
        because = f"only {limit} {'completed' if kind == 'Complete' else 'failed'} "
        because += "jobs are kept"
        found += [_delete(job, because) for job in ended[: len(ended) - limit]]
    return tuple(found)


def _delete(job: Job, because: str) -> DeleteJob:
    return DeleteJob(job.metadata.name, job.metadata.uid, because)
