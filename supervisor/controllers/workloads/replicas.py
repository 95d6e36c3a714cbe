"""Keep as many matching pods as wanted: the decisions, for any kind of owner. Pure.

Rules
- Only active pods count: neither finished nor being deleted. Readiness does not matter.
- A matching pod without a controller is adopted; an owned pod that matches no longer is
  released and goes on running. Pods of other controllers are never touched.
- What counts is what will be ours after adopting and releasing; of too many, the lowest
  in `ranking` go.
- Differs from Kubernetes, which tries again at once and for ever: after a pod that its
  node has rejected the next one waits, from 1 s up to a minute, as for a DaemonSet.
- An owner that is being deleted does nothing of all this, nor does one whose selector
  does not match its own template: it would create pods and release them for ever. The
  API accepts no such owner, but a damaged one may be in the store.

Follows pkg/controller/replicaset/replica_set.go and controller_ref_manager.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from supervisor.controllers.workloads import ranking
from supervisor.controllers.workloads.availability import available_at, is_available
from supervisor.machinery import backoff
from supervisor.model import times
from supervisor.model.pod import Pod
from supervisor.model.selectors import LabelSelector

BURST = 500
"""The most pods created, or deleted, in one go."""
_FIRST_PAUSE_SECONDS, _MAX_PAUSE_SECONDS = 1.0, 60.0


@dataclass(frozen=True)
class Wanted:
    """What an owner asks for."""

    uid: str
    selector: LabelSelector
    replicas: int
    min_ready_seconds: int = 0
    template_labels: tuple[tuple[str, str], ...] = ()
    deleting: bool = False

    @property
    def matches_its_template(self) -> bool:
        return bool(self.selector) and self.selector.matches(dict(self.template_labels))


@dataclass(frozen=True)
class AdoptPod:
    name: str
    uid: str
    because: str


@dataclass(frozen=True)
class ReleasePod:
    name: str
    uid: str
    because: str


@dataclass(frozen=True)
class CreatePods:
    count: int
    because: str


@dataclass(frozen=True)
class DeletePod:
    name: str
    uid: str
    because: str


Action = AdoptPod | ReleasePod | CreatePods | DeletePod


@dataclass(frozen=True)
class Plan:
    actions: tuple[Action, ...] = ()
    wake_at: float | None = None
    """When a ready pod will have been ready for `min_ready_seconds`, or when the next
    pod may be created."""


@dataclass(frozen=True)
class Counts:
    replicas: int = 0
    fully_labeled: int = 0
    ready: int = 0
    available: int = 0


def plan(wanted: Wanted, pods: Sequence[Pod], now: float) -> Plan:
    """What to do about `pods`: all that `wanted` owns and all that it selects."""
    wake_at = _next_available_at(wanted, owned(wanted, pods), now)
    if wanted.deleting or not wanted.matches_its_template:
        return Plan(wake_at=wake_at)
    adopted = [pod for pod in pods if _is_adoptable(wanted, pod)]
    released = [pod for pod in pods if _is_to_release(wanted, pod)]
    claims: list[Action] = [
        *(_named(AdoptPod, pod, "it matches and has no owner") for pod in adopted),
        *(_named(ReleasePod, pod, "its labels match no longer") for pod in released),
    ]
    ours = owned(wanted, pods) + adopted
    todo = _balance(wanted, ours, now)
    pause_ends = _pause_ends(wanted, pods)
    if pause_ends > now and any(isinstance(action, CreatePods) for action in todo):
        wakes = [at for at in (wake_at, pause_ends) if at is not None]
        return Plan(tuple(claims), min(wakes))
    return Plan((*claims, *todo), wake_at)


def _pause_ends(wanted: Wanted, pods: Sequence[Pod]) -> float:
    """When pods may be created again, after some that were rejected."""
    rejected = [
        times.to_seconds(pod.status.start_time or pod.metadata.creation_timestamp or "")
        for pod in pods
        if pod.is_rejected and _is_controlled(wanted, pod) and _matches(wanted, pod)
    ]
    if not rejected:
        return 0.0
    pause = backoff.delay(
        len(rejected), first=_FIRST_PAUSE_SECONDS, maximum=_MAX_PAUSE_SECONDS
    )
    return max(rejected) + pause


def owned(wanted: Wanted, pods: Sequence[Pod]) -> list[Pod]:
    """The active pods that are the owner's and match its selector."""
    return [
        pod
        for pod in pods
        if pod.is_active and _is_controlled(wanted, pod) and _matches(wanted, pod)
    ]


def count(wanted: Wanted, pods: Sequence[Pod], now: float) -> Counts:
    """The numbers of the owner's status."""
    ours = owned(wanted, pods)
    template = dict(wanted.template_labels).items()
    return Counts(
        replicas=len(ours),
        fully_labeled=sum(template <= (p.metadata.labels or {}).items() for p in ours),
        ready=sum(pod.is_ready for pod in ours),
        available=sum(is_available(pod, wanted.min_ready_seconds, now) for pod in ours),
    )


def _balance(wanted: Wanted, ours: list[Pod], now: float) -> list[Action]:
    have, want = len(ours), wanted.replicas
    because = f"{have} of {want} {'pod is' if have == 1 else 'pods are'} there"
    if have < want:
        return [CreatePods(min(want - have, BURST), because)]
    surplus = min(have - want, BURST)
    gone = ranking.victims(ours, surplus, now) if surplus else []
    return [_named(DeletePod, pod, because) for pod in gone]


def _named(
    kind: type[AdoptPod] | type[ReleasePod] | type[DeletePod], pod: Pod, because: str
) -> Action:
    return kind(pod.metadata.name, pod.metadata.uid, because)


def _matches(wanted: Wanted, pod: Pod) -> bool:
    return bool(wanted.selector) and wanted.selector.matches(pod.metadata.labels)


def _is_controlled(wanted: Wanted, pod: Pod) -> bool:
    owner = pod.metadata.controller
    return owner is not None and owner.uid == wanted.uid


def _is_adoptable(wanted: Wanted, pod: Pod) -> bool:
    free = pod.is_active and pod.metadata.controller is None
    return free and _matches(wanted, pod)


def _is_to_release(wanted: Wanted, pod: Pod) -> bool:
    ours = pod.is_active and _is_controlled(wanted, pod)
    return ours and not _matches(wanted, pod)


def _next_available_at(wanted: Wanted, ours: list[Pod], now: float) -> float | None:
    if wanted.min_ready_seconds == 0:
        return None
    waits = (available_at(pod, wanted.min_ready_seconds) for pod in ours)
    return min((at for at in waits if at is not None and at > now), default=None)
