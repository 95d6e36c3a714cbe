"""Whether a dead container runs again, and when.

Rules
- The first restart is immediate; then the waits double from 10 s up to 300 s. A wait
  counts from the container's death; how it died is of no importance.
- A run that ended more than twice the longest wait after its start clears the record.
- The record is one number, the backoff step, in a label of each instance: the wait
  that was entered when the instance started. No memory but the engine's is needed.
- The death that counts is the newest that is known *before* the container is killed
  for its probes. So a probe kill restarts at once until the wait exceeds a whole life.
- Another image is another container: it starts with a clean record.

Follows pkg/kubelet/kuberuntime/kuberuntime_manager.go (doBackOff) and
client-go/util/flowcontrol/backoff.go.
"""

from dataclasses import dataclass

from supervisor.agent.pods.plan.history import History, backoff_step, finished_at
from supervisor.machinery import backoff
from supervisor.model.pod import Container, Pod
from supervisor.runtime.base import SPEC_HASH

FIRST_SECONDS = "supervisor.io/backoff-initial-seconds"
MAX_SECONDS = "supervisor.io/backoff-max-seconds"


@dataclass(frozen=True)
class Backoff:
    """How long this pod's containers wait, in seconds."""

    first: float = 10.0
    most: float = 300.0

    def delay(self, step: int) -> float:
        return backoff.delay(step, first=self.first, maximum=self.most)


def backoff_of(pod: Pod) -> Backoff:
    """The pod's own waits where its annotations give any, else Kubernetes'."""
    usual = Backoff()
    most = _seconds(pod, MAX_SECONDS)
    most = usual.most if most is None else most
    first = _seconds(pod, FIRST_SECONDS)
    first = usual.first if first is None else first
    return Backoff(min(first, most), most)


def malformed_annotations(pod: Pod) -> tuple[str, ...]:
    """Those of our annotations on `pod` whose value cannot be used."""
    given = pod.metadata.annotations or {}
    ours = (FIRST_SECONDS, MAX_SECONDS)
    return tuple(a for a in ours if a in given and _seconds(pod, a) is None)


def _seconds(pod: Pod, annotation: str) -> float | None:
    text = (pod.metadata.annotations or {}).get(annotation, "")
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def restarts_after(pod: Pod, container: Container, exit_code: int) -> bool:
    """Whether policy lets a container of `pod` run again after it has exited so."""
    if container.restart_policy == "Always":
        return True
    match pod.spec.restart_policy:
        case "Never":
            return False
        case "OnFailure":
            return exit_code != 0
        case _:
            return True


@dataclass(frozen=True)
class Turn:
    """When a container may start, and the backoff step that it starts with."""

    at: float
    step: int
    waits_seconds: float = 0.0


def next_turn(history: History, spec_hash: str, limits: Backoff, now: float) -> Turn:
    """The turn of the container's next instance, judged by what is dead now."""
    newest = history.newest
    same = newest is not None and newest.labels.get(SPEC_HASH, spec_hash) == spec_hash
    step = backoff_step(newest) if newest is not None and same else 0
    if newest is None or not history.dead:
        return Turn(now, step)
    died_at = finished_at(history.dead[0])
    expired = died_at - newest.created_at > 2 * limits.most
    if step == 0 or expired:
        return Turn(now, 1)
    wait = limits.delay(step)
    return Turn(max(now, died_at + wait), step + 1, wait)
