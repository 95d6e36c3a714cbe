"""Init containers: one by one, each to its end, before the regular ones start.

Rules
- An init container counts as done only in the present sandbox: a new sandbox runs
  them all again. A restarted regular container does not.
- A failed one is tried again with the crash backoff, unless the policy is Never.
- A sidecar (restartPolicy Always) lets the next one start once it has *started*; it is
  kept running from then on, whatever the pod's policy.
- One that was killed for want of memory has failed even with exit code 0.

Follows pkg/kubelet/kuberuntime/kuberuntime_container.go (computeInitContainerActions).
"""

from dataclasses import replace

from supervisor.agent.pods.plan.actions import KillContainer
from supervisor.agent.pods.plan.history import History
from supervisor.agent.pods.plan.situation import Situation, is_sidecar
from supervisor.agent.pods.plan.steps import (
    Step,
    next_step,
    pod_grace,
    start_step,
    stopping,
)
from supervisor.model.pod import Container
from supervisor.runtime.base import ObservedContainer, State


def succeeded(instance: ObservedContainer) -> bool:
    ended = instance.state is State.EXITED
    return ended and instance.exit_code == 0 and not instance.oom_killed


def has_failed_for_good(it: Situation) -> bool:
    """An init container has failed and must not be tried again."""
    if it.pod.spec.restart_policy != "Never":
        return False
    ordinary = (c for c in it.pod.spec.init_containers if not is_sidecar(c))
    return any(_has_failed(it.history(c.name)) for c in ordinary)


def _has_failed(history: History) -> bool:
    if history.running is not None:
        return False
    if history.newest is not None:
        return not succeeded(history.newest)
    return bool(history.exit_code)


def is_done(it: Situation) -> bool:
    """A regular container has been created here, so initialisation is over."""
    regular = {c.name for c in it.pod.spec.containers}
    rows = (c for c in it.seen.containers if c.name in regular)
    return any(it.is_here(instance) for instance in rows)


def steps(it: Situation) -> tuple[list[Step], bool]:
    """What init containers need, and whether regular ones may start."""
    done, rows = is_done(it), []
    for container in it.pod.spec.init_containers:
        if is_sidecar(container):
            step = next_step(it, container)
            rows.append(step)
            open_gate = done or _is_up(it, container, step)
        elif done:
            continue
        else:
            step = _ordinary(it, container)
            rows.append(step)
            open_gate = step == Step() and _succeeded_here(it, container)
        if not open_gate:
            return rows, False
    return rows, True


def _is_up(it: Situation, container: Container, step: Step) -> bool:
    running = it.history(container.name).running
    if running is None or step.kill is not None:
        return False
    return it.is_started(container, running)


def _ordinary(it: Situation, container: Container) -> Step:
    """Under Never a failed one has ended the pod, so whoever comes here may run."""
    history = it.history(container.name)
    running = history.running
    if running is None:
        if _succeeded_here(it, container):
            return Step()
        return start_step(it, container, history, because="initialises the pod")
    if it.is_here(running):
        return Step()
    grace, because = pod_grace(it.pod), stopping(container.name)
    kill = KillContainer(container.name, running.id, grace, because)
    again = start_step(it, container, history, because="initialises the pod")
    return replace(again, kill=kill)


def _succeeded_here(it: Situation, container: Container) -> bool:
    newest = it.history(container.name).newest
    return newest is not None and it.is_here(newest) and succeeded(newest)
