"""What one container needs now: to be left alone, killed, started, or waited for.

Rules
- Only a verdict on the very instance that runs can kill it.
- Of several reasons to kill, the first counts: no network, two of a kind, definition
  changed, liveness, startup.
- A kill and the start that follows it belong together, if the backoff allows a start
  at the moment of the kill.

Follows pkg/kubelet/kuberuntime/kuberuntime_manager.go (computePodActions).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from supervisor.agent.pods.plan import restarts
from supervisor.agent.pods.plan.actions import (
    KillContainer,
    Plan,
    RemoveContainer,
    ReportStatus,
    StartContainer,
    Waiting,
)
from supervisor.agent.pods.plan.durations import go_duration
from supervisor.agent.pods.plan.history import History
from supervisor.agent.pods.plan.situation import Situation
from supervisor.model.pod import Container, Pod, Probe
from supervisor.probing.base import Kind, Result
from supervisor.runtime.base import SPEC_HASH, ObservedContainer

KILLED_EXIT_CODE = 137


@dataclass(frozen=True)
class Step:
    """The needs of one container. No field set: it runs, or has ended for good."""

    kill: KillContainer | None = None
    start: StartContainer | None = None
    waiting: Waiting | None = None
    wake_at: float | None = None


def spec_hash(container: Container) -> str:
    """Changes exactly when a running container is no longer what the spec wants."""
    text = f"{container.name}\0{container.image}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def pod_grace(pod: Pod) -> float:
    """Seconds to stop in; negative ones count as 1."""
    grace = pod.spec.termination_grace_period_seconds
    return float(grace if grace >= 0 else 1)


def next_step(it: Situation, container: Container) -> Step:
    """What a regular container or a sidecar needs now."""
    history = it.history(container.name)
    running = history.running
    if running is None:
        code = history.exit_code
        if code is None or restarts.restarts_after(it.pod, container, code):
            return start_step(it, container, history, because=_start_reason(history))
        return Step()
    found = _reason_to_kill(it, container, running)
    if found is None:
        return Step()
    kill = KillContainer(container.name, running.id, found.grace, found.because)
    if not found.runs_again:
        return Step(kill)
    again = start_step(it, container, history, because="killed to be restarted")
    return replace(again, kill=kill)


@dataclass(frozen=True)
class _Reason:
    because: str
    grace: float
    runs_again: bool


def _reason_to_kill(
    it: Situation, container: Container, running: ObservedContainer
) -> _Reason | None:
    title, grace = f"Container {container.name}", pod_grace(it.pod)
    again = restarts.restarts_after(it.pod, container, KILLED_EXIT_CODE)
    if not it.is_here(running):
        return _Reason(stopping(container.name), grace, again)
    if is_changed(container, running):
        because = f"{title} definition changed, will be restarted"
        return _Reason(because, grace, runs_again=True)
    for kind, probe in (
        (Kind.LIVENESS, container.liveness_probe),
        (Kind.STARTUP, container.startup_probe),
    ):
        if probe is None:
            continue
        if it.verdict(container.name, kind, running.id) is Result.FAILURE:
            suffix = ", will be restarted" if again else ""
            because = f"{title} failed {kind.value.lower()} probe{suffix}"
            return _Reason(because, _probe_grace(probe, grace), again)
    return None


def stopping(container: str) -> str:
    """The reason of a kill that is not the container's own fault."""
    return f"Stopping container {container}"


def is_changed(container: Container, instance: ObservedContainer) -> bool:
    wanted = spec_hash(container)
    return instance.labels.get(SPEC_HASH, wanted) != wanted


def _probe_grace(probe: Probe, otherwise: float) -> float:
    own = probe.termination_grace_period_seconds
    return otherwise if own is None else float(own)


def start_step(
    it: Situation, container: Container, history: History, *, because: str
) -> Step:
    """The start of the next instance, or the wait for it."""
    hold = it.holds.get(container.name)
    if hold is not None and hold.image not in ("", container.image):
        hold = None  # what failed is not wanted any more
    waiting = Waiting(container.name, hold.reason, hold.message) if hold else None
    if hold is not None and hold.until > it.now:
        return Step(waiting=waiting, wake_at=hold.until)
    turn = restarts.next_turn(history, spec_hash(container), it.backoff, it.now)
    if turn.at > it.now:
        return Step(waiting=_crash_loop(it, container, turn), wake_at=turn.at)
    start = StartContainer(container.name, history.next_attempt, turn.step, because)
    # The last failure stays on show until the container runs.
    return Step(start=start, waiting=waiting)


def _start_reason(history: History) -> str:
    if history.exit_code is None:
        return "has not run yet"
    return "vanished" if history.vanished else f"exited with {history.exit_code}"


def _crash_loop(it: Situation, container: Container, turn: restarts.Turn) -> Waiting:
    message = (
        f"back-off {go_duration(turn.waits_seconds)} restarting failed "
        f"container={container.name} pod={full_name(it.pod)}"
    )
    return Waiting(container.name, "CrashLoopBackOff", message)


def full_name(pod: Pod) -> str:
    """NAME_NAMESPACE(UID), as messages name a pod."""
    meta = pod.metadata
    return f"{meta.name}_{meta.namespace}({meta.uid})"


# -- putting plans together


def compose(steps: Iterable[Step]) -> Plan:
    """Steps of one pod as a plan: free starts, then kills, then what follows them."""
    rows = tuple(steps)
    free = tuple(s.start for s in rows if s.start is not None and s.kill is None)
    kills = tuple(s.kill for s in rows if s.kill is not None)
    bound = tuple(s.start for s in rows if s.start is not None and s.kill is not None)
    waiting = tuple(s.waiting for s in rows if s.waiting is not None)
    wakes = [s.wake_at for s in rows if s.wake_at is not None]
    return Plan((*free, *kills, *bound), waiting, min(wakes, default=None))


def litter(
    it: Situation, containers: Iterable[Container]
) -> list[ReportStatus | RemoveContainer]:
    """Dead instances that nobody can ask for any more: all but each newest one.

    Of a container that has ended, the one before it is `lastState`: it is removed when
    the status has been reported, which then remembers it.
    """
    found: list[ReportStatus | RemoveContainer] = []
    for container in containers:
        history = it.history(container.name)
        for old in history.dead[1:]:
            found.append(RemoveContainer(old.name, old.id, "an older instance"))
            if history.running is None and not history.newest_is_reported:
                found.insert(0, ReportStatus("lastState would be lost"))
    return found


def stillborn(it: Situation) -> list[RemoveContainer]:
    """Containers that were created and never told to start."""
    because = "was never started"
    names = dict.fromkeys(c.name for c in it.seen.containers)
    rows = [i for name in names for i in it.history(name).stillborn]
    return [RemoveContainer(i.name, i.id, because) for i in rows]
