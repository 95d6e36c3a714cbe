"""Failures of single indexes, with `backoffLimitPerIndex`. Pure.

Rules
- How often an index has failed stands in annotations of its pods. The last failed pod
  of an index therefore keeps its finalizer until its replacement exists.
- An index has failed for good after more failures than the limit, or by a FailIndex
  rule of the podFailurePolicy.
- Each index waits for itself: 10 s after its first failure, twice as long after each
  further one, ten minutes at most.

Follows pkg/controller/job/{indexed_job_utils,backoff_utils}.go.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from supervisor.controllers.workloads.jobs import indexes
from supervisor.controllers.workloads.jobs.failure_policy import judge
from supervisor.controllers.workloads.jobs.pods import (
    Seen,
    finished_at,
    index_of,
    is_tracked,
    pause_after,
)
from supervisor.model.jobs import Job, PodFailurePolicy
from supervisor.model.pod import Pod
from supervisor.model.validation.report import MAX_INT32

FAILURES = "batch.kubernetes.io/job-index-failure-count"
IGNORED = "batch.kubernetes.io/job-index-ignored-failure-count"


@dataclass(frozen=True)
class Failures:
    """How often an index has failed before a pod of it was created."""

    counted: int = 0
    ignored: int = 0
    """Failures that the podFailurePolicy ignores."""

    @property
    def total(self) -> int:
        return self.counted + self.ignored


def before(pod: Pod) -> Failures:
    """The failures before `pod`; values that are no counts are 0."""
    notes = pod.metadata.annotations or {}
    return Failures(_number(notes.get(FAILURES, "")), _number(notes.get(IGNORED, "")))


def after(policy: PodFailurePolicy | None, pod: Pod | None) -> Failures:
    """The failures after the failed `pod`; None is an index that has not failed."""
    if pod is None:
        return Failures()
    earlier = before(pod)
    if judge(policy, pod).counts:
        return Failures(earlier.counted + 1, earlier.ignored)
    return Failures(earlier.counted, earlier.ignored + 1)


def failed(job: Job, seen: Seen) -> set[int]:
    """The indexes that have failed for good, those of the status included."""
    found = indexes.parse(job.status.failed_indexes or "")
    for index, pod in _failed_pods(job, seen):
        if index not in found and _fails_index(job, pod):
            found.add(index)
    return found


def retained(job: Job, seen: Seen, settled: AbstractSet[int]) -> Mapping[int, Pod]:
    """The last failed pod of each index that is to be tried again.

    `settled` are the indexes that have succeeded or failed for good.
    """
    busy = settled | {index_of(pod) for pod in seen.active}
    found: dict[int, Pod] = {}
    for index, pod in _failed_pods(job, seen):
        if index in busy:
            continue
        other = found.get(index)
        if other is None or _rank(other) <= _rank(pod):
            found[index] = pod
    return found


def due_at(pod: Pod | None) -> float:
    """When the index whose last failed pod is `pod` may be tried again."""
    if pod is None:
        return 0.0
    return finished_at(pod) + pause_after(before(pod).total + 1)


def _failed_pods(job: Job, seen: Seen) -> Iterable[tuple[int, Pod]]:
    """Those that are not counted yet, with their valid index."""
    valid = range(job.spec.completions or 0)
    for pod in seen.failed:
        index = index_of(pod)
        if index is not None and index in valid and is_tracked(pod):
            yield index, pod


def _fails_index(job: Job, pod: Pod) -> bool:
    limit = job.spec.backoff_limit_per_index or 0
    verdict = judge(job.spec.pod_failure_policy, pod)
    return verdict.fails_index or (verdict.counts and before(pod).counted >= limit)


def _rank(pod: Pod) -> tuple[int, float]:
    return (before(pod).total, finished_at(pod))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and int(text) <= MAX_INT32 else 0
