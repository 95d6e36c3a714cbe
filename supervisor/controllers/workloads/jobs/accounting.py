"""Count each pod that has ended exactly once, whatever is interrupted. Pure.

1. A pod that has ended and carries the finalizer is written down as uncounted.
2. Its finalizer is taken away.
3. Once nobody finds it with the finalizer any more, it moves into the counter.

A pod is lost neither between the steps nor by a deletion, which waits for step 2; and
it is in the counter or among the uncounted, never in both. The indexes of an Indexed
Job that have succeeded are a set, so they need no step 1.

With `backoffLimitPerIndex`, the last failed pod of an index is left at step 0 until the
pod that replaces it exists, which inherits the number of failures.

Follows trackJobStatusAndRemoveFinalizers of pkg/controller/job/job_controller.go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from supervisor.controllers.workloads.jobs import index_failures, indexes
from supervisor.controllers.workloads.jobs.failure_policy import judge
from supervisor.controllers.workloads.jobs.pods import Seen, index_of, is_tracked
from supervisor.model.jobs import Job, UncountedTerminatedPods
from supervisor.model.pod import Pod


@dataclass(frozen=True)
class Account:
    succeeded: int
    """Counted for good, as is `failed`."""
    failed: int
    uncounted: UncountedTerminatedPods
    completed_indexes: str = ""
    failed_indexes: str | None = None
    """None without a backoffLimitPerIndex."""
    retained: Mapping[int, Pod] = field(default_factory=dict)
    """Failed pods that are counted once they are replaced, by index."""
    pending_failures: int = 0
    """How many of these will count."""
    release: tuple[Pod, ...] = ()
    """Pods whose finalizer can go once this account is written."""

    @property
    def all_succeeded(self) -> int:
        return self.succeeded + len(self.uncounted.succeeded)

    @property
    def all_failed(self) -> int:
        return self.failed + len(self.uncounted.failed) + self.pending_failures


def account(
    job: Job, pods: Sequence[Pod], seen: Seen, *, ends: bool = False
) -> Account:
    """The account after what is in `pods` now; `seen` sorts the same pods.

    If the Job `ends`, no pod is replaced, and all are counted.
    """
    before = job.status
    uncounted = before.uncounted_terminated_pods or UncountedTerminatedPods()
    tracked = {p.metadata.uid for p in pods if is_tracked(p)}
    left = _those(uncounted.succeeded, tracked), _those(uncounted.failed, tracked)
    succeeded = before.succeeded + len(uncounted.succeeded) - len(left[0])
    failed = before.failed + len(uncounted.failed) - len(left[1])
    won = [p for p in seen.succeeded if is_tracked(p)]
    lost = [p for p in seen.failed if is_tracked(p)]
    by_index = _indexed(job, seen, ends=ends)
    if by_index is not None:
        succeeded = len(by_index.done)
    new_won = () if by_index is not None else _new(won, left[0])
    counting = [p for p in lost if judge(job.spec.pod_failure_policy, p).counts]
    retained = by_index.retained if by_index is not None else {}
    waiting = {p.metadata.uid for p in retained.values()}
    now = [p for p in counting if p.metadata.uid not in waiting]
    gone = [p for p in (*won, *lost) if p.metadata.uid not in waiting]
    return Account(
        succeeded,
        failed,
        UncountedTerminatedPods(left[0] + new_won, left[1] + _new(now, left[1])),
        indexes.to_text(by_index.done) if by_index is not None else "",
        by_index.failed_text if by_index is not None else None,
        retained,
        len(counting) - len(now),
        tuple({p.metadata.uid: p for p in gone}.values()),
    )


@dataclass(frozen=True)
class _Indexed:
    """The indexes of an Indexed Job by how they ended."""

    done: set[int]
    failed: set[int] | None
    retained: Mapping[int, Pod]

    @property
    def failed_text(self) -> str | None:
        return None if self.failed is None else indexes.to_text(self.failed)


def _indexed(job: Job, seen: Seen, *, ends: bool) -> _Indexed | None:
    if job.spec.completion_mode != "Indexed":
        return None
    wanted = range(job.spec.completions or 0)
    found = indexes.parse(job.status.completed_indexes)
    found |= {i for i in map(index_of, seen.succeeded) if i is not None}
    done = {i for i in found if i in wanted}
    if job.spec.backoff_limit_per_index is None:
        return _Indexed(done, None, {})
    # The pods that are stopped at the end of the Job do not make their indexes fail.
    before = indexes.parse(job.status.failed_indexes or "")
    lost = before if _is_decided(job) else index_failures.failed(job, seen)
    lost = {index for index in lost if index in wanted and index not in done}
    kept = {} if ends else index_failures.retained(job, seen, done | lost)
    return _Indexed(done, lost, kept)


def _is_decided(job: Job) -> bool:
    """Whether an earlier pass has written down how the Job ends."""
    decisive = ("FailureTarget", "SuccessCriteriaMet")
    return any(c.type in decisive and c.status == "True" for c in job.status.conditions)


def _those(uids: Sequence[str], tracked: set[str]) -> tuple[str, ...]:
    return tuple(uid for uid in uids if uid in tracked)


def _new(pods: Sequence[Pod], known: Sequence[str]) -> tuple[str, ...]:
    return tuple(p.metadata.uid for p in pods if p.metadata.uid not in known)
