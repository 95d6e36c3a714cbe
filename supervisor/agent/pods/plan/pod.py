"""The plan for one pod: sandbox first, then init containers, then the regular ones.

Rules
- A pod that is deleted, over or rejected only comes to a standstill; nothing of it
  starts.
- A pod that never ran, or whose sandbox is gone, gets a new sandbox. What still runs
  without one has lost its network, and is killed first.
- Never two running instances of one container: the older ones are killed.

Follows pkg/kubelet/kuberuntime/kuberuntime_manager.go (computePodActions, SyncPod).
"""

from collections.abc import Mapping

from supervisor.agent.pods.plan import init_containers, stopping
from supervisor.agent.pods.plan.actions import (
    Action,
    KillContainer,
    Plan,
    RemoveContainer,
    RemoveSandbox,
    StartContainer,
    StartSandbox,
    Waiting,
)
from supervisor.agent.pods.plan.restarts import restarts_after
from supervisor.agent.pods.plan.situation import SANDBOX_NAME, Hold, Situation
from supervisor.agent.pods.plan.steps import (
    Step,
    compose,
    litter,
    next_step,
    pod_grace,
    stillborn,
)
from supervisor.model.pod import Container, Pod
from supervisor.probing.base import Verdicts
from supervisor.runtime.base import ObservedPod, State

SANDBOX_CHANGED = "Pod sandbox changed, it will be killed and re-created."


def plan(
    pod: Pod,
    seen: ObservedPod | None,
    verdicts: Verdicts,
    now: float,
    holds: Mapping[str, Hold] | None = None,
) -> Plan:
    """What to do for `pod`, of which the engine has `seen`, at the instant `now`."""
    meta = pod.metadata
    nothing = ObservedPod(meta.uid, meta.name, meta.namespace)
    return decide(Situation(pod, seen or nothing, verdicts, now, holds or {}))


def decide(it: Situation) -> Plan:
    """The plan for a situation."""
    if it.pod.metadata.deletion_timestamp is not None:
        return stopping.deleted(it)
    if is_over(it):
        return stopping.over(it)
    return _alive(it)


def is_ending(it: Situation) -> bool:
    """All that runs of the pod is stopped for good."""
    return it.pod.metadata.deletion_timestamp is not None or is_over(it)


def is_over(it: Situation) -> bool:
    """The pod has ended, or must end now, and will not run again."""
    if it.pod.is_finished or it.rejection is not None or is_past_deadline(it):
        return True
    if init_containers.has_failed_for_good(it):
        return True
    return all(_is_done(it, c) for c in it.pod.spec.containers)


def is_past_deadline(it: Situation) -> bool:
    return it.deadline is not None and it.now >= it.deadline


def _is_done(it: Situation, container: Container) -> bool:
    history = it.history(container.name)
    code = history.exit_code
    return code is not None and not restarts_after(it.pod, container, code)


def _alive(it: Situation) -> Plan:
    hold = it.holds.get(SANDBOX_NAME)
    if it.sandbox is None and hold is not None and hold.until > it.now:
        names = [c.name for c in it.pod.spec.containers]
        waiting = tuple(Waiting(n, "ContainerCreating", hold.message) for n in names)
        return _wake_by_deadline(it, Plan((), waiting, hold.until))
    rows, ready = init_containers.steps(it)
    regular = [next_step(it, c) for c in it.pod.spec.containers]
    if not ready:
        # Until all is initialised, regular containers are only ever killed.
        rows += [Step(s.kill) for s in regular if s.kill is not None]
    else:
        rows += regular
    todo = compose(rows)
    actions = (*_strangers(it), *stillborn(it), *todo.actions)
    if it.sandbox is None:
        actions = _with_new_sandbox(it, actions)
    actions = (*actions, *_leftovers(it))
    return _wake_by_deadline(it, Plan(actions, todo.waiting, todo.wake_at))


def _strangers(it: Situation) -> list[Action]:
    """Containers that must not be: doubles, and names that the spec does not have."""
    spec = it.pod.spec
    known = [c.name for c in spec.all_containers]
    grace, found = pod_grace(it.pod), list[Action]()
    for name in known:
        for old in it.history(name).doubles:
            because = f"Container {name} runs twice"
            found.append(KillContainer(name, old.id, grace, because))
    for other in it.seen.containers:
        if other.name in known:
            continue
        because = f"Container {other.name} is not in the pod's spec"
        if other.state is State.RUNNING:
            found.append(KillContainer(other.name, other.id, grace, because))
        found.append(RemoveContainer(other.name, other.id, because))
    return found


def _with_new_sandbox(it: Situation, actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """Kills come before the new sandbox, and starts after it."""
    old = it.seen.sandboxes
    attempt = max((s.attempt for s in old), default=-1) + 1
    because = SANDBOX_CHANGED if old else "the pod has none"
    starts = tuple(a for a in actions if isinstance(a, StartContainer))
    others = tuple(a for a in actions if not isinstance(a, StartContainer))
    gone = (RemoveSandbox(s.id, "it is dead") for s in old)
    return (*others, *gone, StartSandbox(attempt, because), *starts)


def _leftovers(it: Situation) -> list[Action]:
    spec = it.pod.spec
    found = list[Action](litter(it, spec.all_containers))
    if it.sandbox is not None:
        older = it.seen.sandboxes[1:]
        found += [RemoveSandbox(s.id, "an older sandbox") for s in older]
    return found


def _wake_by_deadline(it: Situation, todo: Plan) -> Plan:
    if it.deadline is None:
        return todo
    wakes = [t for t in (todo.wake_at, it.deadline) if t is not None]
    return Plan(todo.actions, todo.waiting, min(wakes))
