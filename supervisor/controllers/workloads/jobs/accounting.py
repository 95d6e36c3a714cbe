"""Count each pod that has ended exactly once, whatever is interrupted. Pure.

1. A pod that has ended and carries the finalizer is written down as uncounted.
2. Its finalizer is taken away.
3. Once nobody finds it with the finalizer any more, it moves into the counter.

A pod is lost neither between the steps nor by a deletion, which waits for step 2; and
it is in the counter or among the uncounted, never in both. The indexes of an Indexed
Job that have succeeded are a set, so they need no step 1.

Follows trackJobStatusAndRemoveFinalizers of pkg/controller/job/job_controller.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from supervisor.controllers.workloads.jobs import indexes
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
    release: tuple[Pod, ...] = ()
    """Pods whose finalizer can go once this account is written."""

    @property
    def all_succeeded(self) -> int:
        return self.succeeded + len(self.uncounted.succeeded)

    @property
    def all_failed(self) -> int:
        return self.failed + len(self.uncounted.failed)


def account(job: Job, pods: Sequence[Pod], seen: Seen) -> Account:
    """The account after what is in `pods` now; `seen` sorts the same pods."""
    before = job.status
    uncounted = before.uncounted_terminated_pods or UncountedTerminatedPods()
    tracked = {p.metadata.uid for p in pods if is_tracked(p)}
    left = _those(uncounted.succeeded, tracked), _those(uncounted.failed, tracked)
    succeeded = before.succeeded + len(uncounted.succeeded) - len(left[0])
    failed = before.failed + len(uncounted.failed) - len(left[1])
    is_indexed = job.spec.completion_mode == "Indexed"
    won = [p for p in seen.succeeded if is_tracked(p)]
    lost = [p for p in seen.failed if is_tracked(p)]
    done = indexes.parse(before.completed_indexes)
    if is_indexed:
        wanted = range(job.spec.completions or 0)
        found = (index_of(p) for p in seen.succeeded)
        done |= {i for i in found if i is not None and i in wanted}
        succeeded = len(done)
    new_won = () if is_indexed else _new(won, left[0])
    counting = [p for p in lost if judge(job.spec.pod_failure_policy, p).counts]
    return Account(
        succeeded,
        failed,
        UncountedTerminatedPods(left[0] + new_won, left[1] + _new(counting, left[1])),
        indexes.to_text(done) if is_indexed else "",
        tuple({p.metadata.uid: p for p in (*won, *lost)}.values()),
    )


def _those(uids: Sequence[str], tracked: set[str]) -> tuple[str, ...]:
    return tuple(uid for uid in uids if uid in tracked)


def _new(pods: Sequence[Pod], known: Sequence[str]) -> tuple[str, ...]:
    return tuple(p.metadata.uid for p in pods if p.metadata.uid not in known)
