"""The status of a Job: counts, times and conditions. Pure.

Follows pkg/controller/job/job_controller.go.
"""

from supervisor.controllers.workloads.jobs.accounting import Account
from supervisor.controllers.workloads.jobs.plan import Outcome, Plan
from supervisor.controllers.workloads.jobs.pods import Seen
from supervisor.model import times
from supervisor.model.jobs import Job, JobStatus
from supervisor.model.meta import Condition

_DECIDED = {"SuccessCriteriaMet": True, "FailureTarget": False}
_FINAL = ("Complete", "Failed")


def has(job: Job, kind: str) -> bool:
    """Whether the condition of that type is True."""
    return any(c.type == kind and c.status == "True" for c in job.status.conditions)


def is_finished(job: Job) -> bool:
    return any(has(job, kind) for kind in _FINAL)


def decided(job: Job) -> Outcome | None:
    """The outcome that an earlier pass has written down."""
    for condition in job.status.conditions:
        if condition.type in _DECIDED and condition.status == "True":
            won = _DECIDED[condition.type]
            return Outcome(won, condition.reason, condition.message)
    return None


def finished_at(job: Job) -> float | None:
    for condition in job.status.conditions:
        if condition.type in _FINAL and condition.status == "True":
            text = condition.last_transition_time
            return times.to_seconds(text) if text else None
    return None


def status_of(
    job: Job, seen: Seen, counted: Account, todo: Plan, now: float
) -> JobStatus:
    at = times.to_text(now)
    before = job.status
    start = before.start_time
    if todo.suspended or todo.waits_for_start:
        start = None
    elif start is None:
        start = at
    is_over = todo.is_over and not any(
        (counted.uncounted.succeeded, counted.uncounted.failed)
    )
    conditions = _with_suspension(job, before.conditions, todo, at)
    if todo.outcome is not None:
        conditions = _with_outcome(conditions, todo.outcome, is_over, at)
    won = todo.outcome is not None and todo.outcome.succeeded
    return JobStatus(
        conditions=conditions,
        start_time=start,
        completion_time=at if won and is_over else before.completion_time,
        active=len(seen.active),
        ready=seen.ready,
        terminating=len(seen.terminating),
        succeeded=counted.succeeded,
        failed=counted.failed,
        completed_indexes=counted.completed_indexes,
        failed_indexes=counted.failed_indexes,
        uncounted_terminated_pods=counted.uncounted,
    )


def _with_outcome(
    conditions: tuple[Condition, ...], outcome: Outcome, is_over: bool, at: str
) -> tuple[Condition, ...]:
    first = "SuccessCriteriaMet" if outcome.succeeded else "FailureTarget"
    last = "Complete" if outcome.succeeded else "Failed"
    for kind in (first, last) if is_over else (first,):
        if not any(c.type == kind and c.status == "True" for c in conditions):
            conditions = _put(conditions, kind, "True", outcome, at)
    return conditions


def _with_suspension(
    job: Job, conditions: tuple[Condition, ...], todo: Plan, at: str
) -> tuple[Condition, ...]:
    is_told = has(job, "Suspended")
    if todo.suspended and not is_told:
        why = Outcome(False, "JobSuspended", "Job suspended")
        return _put(conditions, "Suspended", "True", why, at)
    if not todo.suspended and is_told and not job.spec.suspend:
        why = Outcome(False, "JobResumed", "Job resumed")
        return _put(conditions, "Suspended", "False", why, at)
    return conditions


def _put(
    conditions: tuple[Condition, ...], kind: str, status: str, why: Outcome, at: str
) -> tuple[Condition, ...]:
    made = Condition(
        type=kind,
        status=status,
        reason=why.reason,
        message=why.message,
        last_transition_time=at,
        last_probe_time=at,
    )
    return (*(c for c in conditions if c.type != kind), made)
