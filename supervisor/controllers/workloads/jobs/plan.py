"""What to do about the pods of a Job, and how it stands. Pure.

Rules
- A Job that has failed, or has enough successes, first loses the pods that still run;
  its final condition waits until none is left.
- A deadline counts from the start, a suspended Job has none.
- After a failure the next pod waits 10 s, twice as long after each further one in a
  row, ten minutes at most; with a backoffLimitPerIndex, the next pod of that index.

Follows syncJob and manageJob of pkg/controller/job/job_controller.go.
"""

from dataclasses import dataclass

from supervisor.controllers.workloads import ranking
from supervisor.controllers.workloads.jobs import (
    index_failures,
    indexes,
    success_policy,
)
from supervisor.controllers.workloads.jobs.accounting import Account
from supervisor.controllers.workloads.jobs.failure_policy import judge
from supervisor.controllers.workloads.jobs.index_failures import Failures
from supervisor.controllers.workloads.jobs.pods import (
    Seen,
    index_of,
    next_start,
    restarts,
)
from supervisor.kinds.jobs import start_at
from supervisor.model import times
from supervisor.model.jobs import Job
from supervisor.model.pod import Pod

BURST = 500
"""The most pods created, or deleted, in one pass."""


@dataclass(frozen=True)
class CreatePods:
    count: int
    because: str
    indexes: tuple[int, ...] = ()
    """One for each pod of an Indexed Job."""
    failures: tuple[Failures, ...] = ()
    """Of each of these indexes, with a backoffLimitPerIndex."""

    def __str__(self) -> str:
        return f"create {self.count} pods ({self.because})"


@dataclass(frozen=True)
class DeletePod:
    name: str
    uid: str
    because: str
    counts: bool = False
    """As a failure: pods that run when the Job ends do, those in excess do not."""

    def __str__(self) -> str:
        return f"delete pod {self.name} ({self.because})"


Action = CreatePods | DeletePod


@dataclass(frozen=True)
class Outcome:
    """How a Job ends."""

    succeeded: bool
    reason: str
    message: str


@dataclass(frozen=True)
class Plan:
    actions: tuple[Action, ...] = ()
    outcome: Outcome | None = None
    """Decided, though pods may still have to end."""
    is_over: bool = False
    """No pods are left: the final condition can be written."""
    suspended: bool = False
    waits_for_start: bool = False
    wake_at: float | None = None


DEADLINE = Outcome(
    False, "DeadlineExceeded", "Job was active longer than specified deadline"
)
BACKOFF = Outcome(
    False, "BackoffLimitExceeded", "Job has reached the specified backoff limit"
)
TOO_MANY_INDEXES = Outcome(
    False,
    "MaxFailedIndexesExceeded",
    "Job has exceeded the specified maximal number of failed indexes",
)
FAILED_INDEXES = Outcome(False, "FailedIndexes", "Job has failed indexes")
COMPLETED = Outcome(
    True, "CompletionsReached", "Reached expected number of succeeded pods"
)


def plan(
    job: Job, seen: Seen, counted: Account, now: float, decided: Outcome | None = None
) -> Plan:
    """`decided` is the outcome that the status already tells of."""
    start = start_of(job)
    if start is not None and start > now and job.status.start_time is None:
        stop = tuple(_delete(p, "its start is later") for p in seen.active[:BURST])
        return Plan(stop, waits_for_start=True, wake_at=start)
    outcome = decided or _outcome(job, seen, counted, now)
    if outcome is not None:
        because = f"the Job ended: {outcome.reason}"
        stop = tuple(_delete(p, because, counts=True) for p in seen.active)
        left = seen.active or seen.terminating
        return Plan(stop[:BURST], outcome, is_over=not left)
    if job.spec.suspend:
        stop = tuple(_delete(p, "the Job is suspended") for p in seen.active)
        return Plan(stop[:BURST], suspended=True)
    return _manage(job, seen, counted, now)


def start_of(job: Job) -> float | None:
    text = (job.metadata.annotations or {}).get(start_at.START_AT)
    return start_at.seconds(text) if text is not None else None


def deadline_of(job: Job) -> float | None:
    seconds, start = job.spec.active_deadline_seconds, job.status.start_time
    if seconds is None or not start or job.spec.suspend:
        return None
    return times.to_seconds(start) + seconds


def _outcome(job: Job, seen: Seen, counted: Account, now: float) -> Outcome | None:
    policy, spec = job.spec.pod_failure_policy, job.spec
    for pod in seen.failed:
        if because := judge(policy, pod).fails_job:
            return Outcome(False, "PodFailurePolicy", because)
    if counted.all_failed > spec.backoff_limit or _restarted_too_often(job, seen):
        return BACKOFF
    deadline = deadline_of(job)
    if deadline is not None and deadline <= now:
        return DEADLINE
    by_index = _outcome_by_index(job, counted)
    if by_index is not None:
        return by_index
    if spec.suspend:
        return None
    succeeded = counted.all_succeeded
    if spec.completions is None:
        is_done = succeeded > 0 and not seen.active
    else:
        is_done = succeeded >= spec.completions
    return COMPLETED if is_done else None


def _outcome_by_index(job: Job, counted: Account) -> Outcome | None:
    spec = job.spec
    if spec.completion_mode != "Indexed":
        return None
    done = indexes.parse(counted.completed_indexes)
    failed = len(indexes.parse(counted.failed_indexes or ""))
    if spec.max_failed_indexes is not None and failed > spec.max_failed_indexes:
        return TOO_MANY_INDEXES
    if failed and failed + len(done) >= (spec.completions or 0):
        return FAILED_INDEXES
    because = success_policy.matched(spec.success_policy, done)
    return Outcome(True, "SuccessPolicy", because) if because else None


def _restarted_too_often(job: Job, seen: Seen) -> bool:
    template, limit = job.spec.template, job.spec.backoff_limit
    if template is None or template.spec.restart_policy != "OnFailure":
        return False
    count = restarts(seen.active)
    return count > 0 if limit == 0 else count >= limit


def _manage(job: Job, seen: Seen, counted: Account, now: float) -> Plan:
    deadline = deadline_of(job)
    have, want = len(seen.active), _wanted(job, seen, counted)
    because = f"{have} of {want} {'pod is' if have == 1 else 'pods are'} active"
    if have > want:
        surplus = ranking.victims(seen.active, min(have - want, BURST), now)
        gone = tuple(_delete(pod, because) for pod in surplus)
        return Plan(gone, wake_at=deadline)
    missing = want - have
    if job.spec.pod_replacement_policy == "Failed":
        missing -= len(seen.terminating)
    if missing <= 0:
        return Plan(wake_at=deadline)
    count = min(missing, BURST)
    if job.spec.backoff_limit_per_index is not None:
        chosen = _free_indexes(job, seen, counted, count)
        return _try_again(job, counted, chosen, because, now)
    starts_at = next_start(seen)
    if starts_at > now:
        return Plan(wake_at=_earlier(starts_at, deadline))
    chosen = _free_indexes(job, seen, counted, count)
    if job.spec.completion_mode == "Indexed":
        count = len(chosen)
    made = (CreatePods(count, because, chosen),) if count else ()
    return Plan(made, wake_at=deadline)


def _try_again(
    job: Job, counted: Account, chosen: tuple[int, ...], because: str, now: float
) -> Plan:
    """Create pods of those indexes whose own pause is over."""
    policy, last = job.spec.pod_failure_policy, counted.retained
    due = {index: index_failures.due_at(last.get(index)) for index in chosen}
    ready = tuple(index for index in chosen if due[index] <= now)
    later = min((at for at in due.values() if at > now), default=None)
    wake_at = _earlier(later, deadline_of(job))
    if not ready:
        return Plan(wake_at=wake_at)
    failures = tuple(index_failures.after(policy, last.get(i)) for i in ready)
    made = CreatePods(len(ready), because, ready, failures)
    return Plan((made,), wake_at=wake_at)


def _earlier(one: float | None, other: float | None) -> float | None:
    return min((at for at in (one, other) if at is not None), default=None)


def _wanted(job: Job, seen: Seen, counted: Account) -> int:
    """How many pods should be active."""
    succeeded, most = counted.all_succeeded, job.spec.parallelism
    if job.spec.completions is None:
        # A queue of work: after one success nobody new is started.
        return min(len(seen.active), most) if succeeded else most
    return max(0, min(job.spec.completions - succeeded, most))


def _free_indexes(
    job: Job, seen: Seen, counted: Account, count: int
) -> tuple[int, ...]:
    """The lowest indexes that have not ended and that no pod works at."""
    if job.spec.completion_mode != "Indexed":
        return ()
    busy: set[int | None] = {index_of(pod) for pod in (*seen.active, *seen.terminating)}
    busy |= indexes.parse(counted.completed_indexes)
    busy |= indexes.parse(counted.failed_indexes or "")
    free = (i for i in range(job.spec.completions or 0) if i not in busy)
    return tuple(i for _, i in zip(range(count), free, strict=False))


def _delete(pod: Pod, because: str, *, counts: bool = False) -> DeletePod:
    return DeletePod(pod.metadata.name, pod.metadata.uid, because, counts)
