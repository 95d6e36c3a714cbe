"""Bringing a whole pod to a standstill: because it is deleted, or because it is over.

Rules
- All regular containers stop side by side; sidecars after them, last one first, each in
  what remains of the grace. Every plan holds one such stage; the next follows from
  what is then seen.
- Differs from Kubernetes: a deleted pod's grace ends at its deletionTimestamp, however
  late we come to it; a kubelet that was away begins the grace anew.
- A pod that is over keeps its dead containers, for their logs, until it is deleted, and
  in its status the address that it had.
- The object goes last, when nothing of the pod is left on the engine.

Follows pkg/kubelet/kuberuntime/kuberuntime_container.go (killContainersWithSyncResult)
and pkg/kubelet/pod_workers.go.
"""

from supervisor.agent.pods.plan.actions import (
    Action,
    DeletePod,
    KillContainer,
    Plan,
    RemoveContainer,
    RemoveSandbox,
    RemoveVolumes,
    ReportStatus,
)
from supervisor.agent.pods.plan.situation import Situation, is_sidecar
from supervisor.agent.pods.plan.steps import litter, pod_grace, stillborn, stopping
from supervisor.model.pod import Pod
from supervisor.model.times import to_seconds
from supervisor.runtime.base import ObservedContainer, ObservedPod, State

TERMINATION_GRACE = "supervisor.termination-grace-seconds"
"""Label of every container: its pod's grace, for when the pod's object is gone."""

_UNKNOWN_GRACE_SECONDS = 30.0


def over(it: Situation) -> Plan:
    """A pod that will never run again."""
    kills = stage(it, pod_grace(it.pod))
    if kills:
        return Plan(kills)
    spec, because = it.pod.spec, "the pod is over"
    words = (ReportStatus("its address is not seen any more later"),)
    address = words if it.sandbox is not None and not it.pod.status.pod_ip else ()
    sandboxes = (RemoveSandbox(s.id, because) for s in it.seen.sandboxes)
    rest = litter(it, spec.all_containers)
    return Plan((*stillborn(it), *address, *sandboxes, *rest))


def deleted(it: Situation) -> Plan:
    """A pod whose object is marked for deletion."""
    kills = stage(it, remaining_grace(it.pod, it.now))
    if kills:
        return Plan(kills)
    meta, because = it.pod.metadata, "the pod is deleted"
    # An object that stays after our deletion waits for somebody else's finalizer.
    told = meta.deletion_grace_period_seconds == 0 and bool(meta.finalizers)
    if told and is_nothing(it.seen):
        return Plan()
    last_words = ReportStatus("its end is not seen any more later")
    farewell = () if told else (DeletePod("nothing of it is left"),)
    return Plan((last_words, *remains(it.seen, because), *farewell))


def unknown(seen: ObservedPod, grace_seconds: float | None = None) -> Plan:
    """A pod that the engine has and the API does not.

    One of which no container is seen has volumes, or it would not be seen at all.
    """
    because = "the API knows no such pod"
    alive = [c for c in seen.containers if c.state is State.RUNNING]
    if alive:
        return Plan(
            tuple(
                KillContainer(c.name, c.id, _own_grace(c, grace_seconds), because)
                for c in alive
            )
        )
    return Plan(remains(seen, because))


def _own_grace(instance: ObservedContainer, given: float | None) -> float:
    if given is not None:
        return given
    text = instance.labels.get(TERMINATION_GRACE, "")
    return float(text) if text.isdecimal() else _UNKNOWN_GRACE_SECONDS


def is_nothing(seen: ObservedPod) -> bool:
    return not seen.containers and not seen.sandboxes


def remains(seen: ObservedPod, because: str) -> tuple[Action, ...]:
    """Take away all that the engine has of a pod where nothing runs any more.

    Volumes may be there even where nothing is seen: a sandbox that fails leaves them.
    """
    containers = (RemoveContainer(c.name, c.id, because) for c in seen.containers)
    sandboxes = (RemoveSandbox(s.id, because) for s in seen.sandboxes)
    return (*containers, *sandboxes, RemoveVolumes(because))


def stage(it: Situation, grace_seconds: float) -> tuple[KillContainer, ...]:
    """The next containers to be killed, side by side; empty when nothing runs."""
    sidecars = [c.name for c in it.pod.spec.init_containers if is_sidecar(c)]
    alive = [c for c in it.seen.containers if c.state is State.RUNNING]
    regular = [c for c in alive if c.name not in sidecars]
    if regular:
        return tuple(_kill(c, grace_seconds) for c in regular)
    for name in reversed(sidecars):
        running = [c for c in alive if c.name == name]
        if running:
            return tuple(_kill(c, grace_seconds) for c in running)
    return ()


def _kill(instance: ObservedContainer, grace_seconds: float) -> KillContainer:
    because = stopping(instance.name)
    return KillContainer(instance.name, instance.id, grace_seconds, because)


def remaining_grace(pod: Pod, now: float) -> float:
    """Seconds until the deletion's instant, which is written in whole seconds."""
    meta = pod.metadata
    grace = meta.deletion_grace_period_seconds
    allowed = pod_grace(pod) if grace is None else float(max(grace, 0))
    if meta.deletion_timestamp is None:
        return allowed
    left = to_seconds(meta.deletion_timestamp) + 1 - now
    return round(min(allowed, max(left, 0.0)), 3)
