"""The phase of a pod: where it is in its life, in one word.

Rules
- A phase in which a pod has ended (Succeeded, Failed) is never left again, and never
  entered while anything of the pod still runs.
- Sidecars have no say in how a pod ends.

Follows pkg/kubelet/kubelet_pods.go (getPhase).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from supervisor.agent.pods.plan.situation import is_sidecar
from supervisor.model.pod import ContainerStateTerminated, ContainerStatus, Pod


@dataclass(frozen=True)
class Count:
    """How many regular containers are in which state."""

    running: int
    never_ran: int
    stopped: int
    failed: int


def phase(
    pod: Pod,
    inits: Sequence[ContainerStatus],
    regular: Sequence[ContainerStatus],
    *,
    overdue: bool,
) -> str:
    """`overdue`: its activeDeadlineSeconds have ended it."""
    if pod.is_finished:
        return pod.status.phase
    alive = any(s.state.running for s in (*inits, *regular))
    count = _count(regular)
    deleted = pod.metadata.deletion_timestamp is not None
    if not alive and overdue:
        return "Failed"
    if not alive and deleted and not count.never_ran:
        return "Failed" if count.failed else "Succeeded"
    found = _phase(pod, inits, count)
    ended = found in ("Succeeded", "Failed")
    return "Running" if ended and alive else found


def _phase(pod: Pod, inits: Sequence[ContainerStatus], count: Count) -> str:
    policy = pod.spec.restart_policy
    if policy == "Never" and any(_failed(s) for s in _ordinary(pod, inits)):
        return "Failed"
    started = count.running or count.stopped
    if count.never_ran or (not is_initialised(pod, inits) and not started):
        return "Pending"
    if count.running:
        return "Running"
    if policy == "Always":
        return "Running"
    if not count.failed:
        return "Succeeded"
    return "Failed" if policy == "Never" else "Running"


def is_initialised(pod: Pod, inits: Sequence[ContainerStatus]) -> bool:
    """Every init container has ended well, or is a sidecar that has started."""
    return not incomplete(pod, inits)


def incomplete(pod: Pod, inits: Sequence[ContainerStatus]) -> list[str]:
    """Names of init containers that still have to do their part."""
    sidecars = {c.name for c in pod.spec.init_containers if is_sidecar(c)}
    return [s.name for s in inits if not (s.started if s.name in sidecars else s.ready)]


def _ordinary(pod: Pod, inits: Sequence[ContainerStatus]) -> list[ContainerStatus]:
    sidecars = {c.name for c in pod.spec.init_containers if is_sidecar(c)}
    return [s for s in inits if s.name not in sidecars]


def end_of(status: ContainerStatus) -> ContainerStateTerminated | None:
    """How it ended last, if it does not run."""
    if status.state.running is not None:
        return None
    return status.state.terminated or status.last_state.terminated


def _failed(status: ContainerStatus) -> bool:
    end = end_of(status)
    return end is not None and (end.exit_code != 0 or end.reason == "OOMKilled")


def _count(statuses: Sequence[ContainerStatus]) -> Count:
    ends = [end_of(s) for s in statuses]
    stopped = [e for e in ends if e is not None]
    running = sum(1 for s in statuses if s.state.running)
    return Count(
        running=running,
        never_ran=len(statuses) - running - len(stopped),
        stopped=len(stopped),
        failed=sum(1 for e in stopped if e.exit_code != 0),
    )
