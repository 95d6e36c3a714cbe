"""The pods of a Job as its plan reads them. Pure.

Follows pkg/controller/job/{backoff_utils,indexed_job_utils}.go.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from supervisor.machinery import backoff
from supervisor.model import times
from supervisor.model.pod import ContainerStatus, Pod

TRACKING = "batch.kubernetes.io/job-tracking"
"""Finalizer of pods that are not counted yet."""
INDEX = "batch.kubernetes.io/job-completion-index"
_FIRST_DELAY, _MAX_DELAY = 10.0, 600.0


@dataclass(frozen=True)
class Seen:
    """The pods of one Job, by what they mean for it."""

    active: tuple[Pod, ...]
    terminating: tuple[Pod, ...]
    """Being deleted, and not at their end."""
    succeeded: tuple[Pod, ...]
    failed: tuple[Pod, ...]

    @property
    def ready(self) -> int:
        return sum(pod.is_ready for pod in self.active)


def sort(pods: Iterable[Pod], *, only_failed: bool) -> Seen:
    """`only_failed`: a pod that is being deleted has not failed before its end."""
    groups: dict[str, list[Pod]] = {
        name: [] for name in ("active", "terminating", "succeeded", "failed")
    }
    for pod in pods:
        phase = pod.status.phase
        if phase == "Succeeded":
            groups["succeeded"].append(pod)
        elif phase == "Failed":
            groups["failed"].append(pod)
        elif pod.metadata.deletion_timestamp:
            groups["terminating"].append(pod)
            if not only_failed:
                groups["failed"].append(pod)
        else:
            groups["active"].append(pod)
    return Seen(**{name: tuple(found) for name, found in groups.items()})


def is_tracked(pod: Pod) -> bool:
    return TRACKING in (pod.metadata.finalizers or ())


def index_of(pod: Pod) -> int | None:
    text = (pod.metadata.annotations or {}).get(INDEX, "")
    return int(text) if text.isdecimal() else None


def restarts(pods: Iterable[Pod]) -> int:
    """How often containers of pods that wait or run were started again."""
    return sum(
        status.restart_count
        for pod in pods
        if pod.status.phase in ("Running", "Pending")
        for status in (
            *pod.status.init_container_statuses,
            *pod.status.container_statuses,
        )
    )


def finished_at(pod: Pod) -> float:
    """When the last container ended, or else when the pod was deleted or made."""
    ends = [
        times.to_seconds(status.state.terminated.finished_at)
        for status in pod.status.container_statuses
        if status.state.terminated and status.state.terminated.finished_at
    ]
    if ends:
        return max(ends)
    text = pod.metadata.deletion_timestamp or pod.metadata.creation_timestamp
    return times.to_seconds(text) if text else 0.0


def next_start(seen: Seen) -> float:
    """When the next pod may be started: later after each failure in a row."""
    last_success = max((finished_at(p) for p in seen.succeeded), default=0.0)
    ended = [p for p in seen.failed if p.status.phase == "Failed"]
    since = [at for at in map(finished_at, ended) if at > last_success]
    if not since:
        return 0.0
    return max(since) + pause_after(len(since))


def pause_after(failures: int) -> float:
    """The pause in seconds after so many failures in a row."""
    return backoff.delay(failures, first=_FIRST_DELAY, maximum=_MAX_DELAY)


def exit_codes(pod: Pod) -> Sequence[tuple[str, int]]:
    """Container and code of each that has failed."""
    found: list[tuple[str, int]] = []
    rows: tuple[ContainerStatus, ...] = (
        *pod.status.init_container_statuses,
        *pod.status.container_statuses,
    )
    for status in rows:
        ended = status.state.terminated
        if ended is not None and ended.exit_code != 0:
            found.append((status.name, ended.exit_code))
    return found
