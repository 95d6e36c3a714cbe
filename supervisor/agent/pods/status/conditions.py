"""The conditions of a pod: which milestones it has reached.

Rules
- lastTransitionTime moves only when a condition's status changes.
- Conditions that are not ours (readiness gates, DisruptionTarget, the scheduler's
  word) stay as they are.

Follows pkg/kubelet/status/generate.go.
"""

from collections.abc import Sequence

import msgspec

from supervisor.agent.pods.plan.situation import Situation, is_sidecar
from supervisor.agent.pods.status.phase import incomplete
from supervisor.model.meta import Condition
from supervisor.model.pod import ContainerStatus, Pod, PodReadinessGate
from supervisor.model.times import to_text


def conditions(
    it: Situation,
    phase: str,
    inits: Sequence[ContainerStatus],
    regular: Sequence[ContainerStatus],
) -> tuple[Condition, ...]:
    pod = it.pod
    has_network = it.sandbox is not None
    containers = _containers_ready(pod, phase, inits, regular)
    ours = (
        _condition("PodReadyToStartContainers", has_network),
        _initialized(pod, phase, inits),
        _ready(pod, containers),
        containers,
        _scheduled(pod),
    )
    kinds = {c.type for c in ours}
    others = tuple(c for c in pod.status.conditions if c.type not in kinds)
    return (*(_dated(pod, c, it.now) for c in ours), *others)


def _condition(
    kind: str, holds: bool, reason: str = "", message: str = ""
) -> Condition:
    status = "True" if holds else "False"
    return Condition(type=kind, status=status, reason=reason, message=message)


def _scheduled(pod: Pod) -> Condition:
    """It is bound to us, so somebody has scheduled it."""
    before = pod.status.condition("PodScheduled")
    return (
        before
        if before and before.status == "True"
        else _condition("PodScheduled", True)
    )


def _initialized(pod: Pod, phase: str, inits: Sequence[ContainerStatus]) -> Condition:
    if phase == "Succeeded":
        return _condition("Initialized", True, "PodCompleted")
    names = incomplete(pod, inits)
    if not names:
        return _condition("Initialized", True)
    message = f"containers with incomplete status: [{' '.join(names)}]"
    return _condition("Initialized", False, "ContainersNotInitialized", message)


def _containers_ready(
    pod: Pod,
    phase: str,
    inits: Sequence[ContainerStatus],
    regular: Sequence[ContainerStatus],
) -> Condition:
    kind = "ContainersReady"
    if phase == "Succeeded":
        return _condition(kind, False, "PodCompleted")
    if phase == "Failed":
        return _condition(kind, False, "PodFailed")
    sidecars = {c.name for c in pod.spec.init_containers if is_sidecar(c)}
    rows = [*(s for s in inits if s.name in sidecars), *regular]
    unready = [s.name for s in rows if not s.ready]
    if not unready:
        return _condition(kind, True)
    message = f"containers with unready status: [{' '.join(unready)}]"
    return _condition(kind, False, "ContainersNotReady", message)


def _ready(pod: Pod, containers: Condition) -> Condition:
    if containers.status != "True":
        return msgspec.structs.replace(containers, type="Ready")
    missing = [text for gate in pod.spec.readiness_gates if (text := _gate(pod, gate))]
    if missing:
        return _condition("Ready", False, "ReadinessGatesNotReady", ", ".join(missing))
    return _condition("Ready", True)


def _gate(pod: Pod, gate: PodReadinessGate) -> str:
    """What is wrong with a readiness gate; empty if nothing is."""
    kind = gate.condition_type
    found = pod.status.condition(kind)
    if found is None:
        return f'corresponding condition of pod readiness gate "{kind}" does not exist.'
    if found.status == "True":
        return ""
    named = f'the status of pod readiness gate "{kind}"'
    return f'{named} is not "True", but {found.status}'


def _dated(pod: Pod, condition: Condition, now: float) -> Condition:
    before = pod.status.condition(condition.type)
    same = before is not None and before.status == condition.status
    at = before.last_transition_time if before is not None and same else to_text(now)
    return msgspec.structs.replace(condition, last_transition_time=at or to_text(now))
