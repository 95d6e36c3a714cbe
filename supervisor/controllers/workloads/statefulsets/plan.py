"""What to do about the pods of a StatefulSet. Pure.

Rules
- Pods are numbered. OrderedReady creates, replaces and removes them one at a time:
  upwards when there are too few, downwards when there are too many, and only while
  all pods before are available. Parallel does all at once.
- A pod that has ended is deleted, and created again once it is gone.
- A rolling update deletes pods of an older revision from the highest number down to
  the partition; pods below it are created from the older revision.

Follows pkg/controller/statefulset/stateful_set_control.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from supervisor.controllers.workloads.availability import available_at, is_available
from supervisor.controllers.workloads.history import HASH_LABEL
from supervisor.controllers.workloads.statefulsets.identity import (
    labels_of,
    ordinal_of,
)
from supervisor.kinds.workloads import amounts
from supervisor.model.pod import Pod
from supervisor.model.statefulset import StatefulSet


@dataclass(frozen=True)
class CreatePod:
    ordinal: int
    revision: str
    because: str

    def __str__(self) -> str:
        return f"create pod {self.ordinal} of {self.revision} ({self.because})"


@dataclass(frozen=True)
class DeletePod:
    name: str
    uid: str
    because: str

    def __str__(self) -> str:
        return f"delete pod {self.name} ({self.because})"


@dataclass(frozen=True)
class LabelPod:
    """Write the labels of a pod's identity."""

    name: str
    uid: str
    because: str

    def __str__(self) -> str:
        return f"label pod {self.name} ({self.because})"


@dataclass(frozen=True)
class CreateClaims:
    """Create the missing claims of a pod."""

    name: str
    because: str

    def __str__(self) -> str:
        return f"create the missing claims of pod {self.name} ({self.because})"


Action = CreatePod | DeletePod | LabelPod | CreateClaims


@dataclass(frozen=True)
class Plan:
    actions: tuple[Action, ...] = ()
    wake_at: float | None = None
    """When a pod becomes available by its age."""


@dataclass(frozen=True)
class Sight:
    """What a plan is made from."""

    stateful_set: StatefulSet
    pods: Sequence[Pod]
    current: str
    """Name of the revision that the set comes from."""
    update: str
    """Name of the revision of its template."""
    now: float
    stale: frozenset[str] = frozenset()
    """Names of pods of which a claim still belongs to an earlier pod."""
    unclaimed: frozenset[str] = frozenset()
    """Names of pods of which a claim is missing."""

    @property
    def numbers(self) -> range:
        spec = self.stateful_set.spec
        return range(spec.ordinals.start, spec.ordinals.start + spec.replicas)

    @property
    def is_ordered(self) -> bool:
        return self.stateful_set.spec.pod_management_policy != "Parallel"

    def by_number(self) -> dict[int, Pod]:
        name = self.stateful_set.metadata.name
        found = {ordinal_of(name, pod.metadata.name): pod for pod in self.pods}
        return dict(sorted(_known(found).items()))

    def surplus(self) -> list[Pod]:
        """Pods with other numbers, the highest first."""
        found = [p for n, p in self.by_number().items() if n not in self.numbers]
        return found[::-1]

    def is_available(self, pod: Pod | None) -> bool:
        return (
            pod is not None
            and _is_running(pod)
            and pod.metadata.deletion_timestamp is None
            and is_available(pod, self.stateful_set.spec.min_ready_seconds, self.now)
        )


def _known(found: dict[int | None, Pod]) -> dict[int, Pod]:
    return {n: pod for n, pod in found.items() if n is not None}


def _is_running(pod: Pod) -> bool:
    return pod.status.phase == "Running" and pod.is_ready


def revision_of(pod: Pod) -> str:
    return (pod.metadata.labels or {}).get(HASH_LABEL, "")


def plan(sight: Sight) -> Plan:
    """The actions of one pass. Each changes pods, which causes the next pass."""
    if sight.stateful_set.metadata.deletion_timestamp:
        return Plan()
    wake_at = _wake_at(sight)
    actions, is_complete = _keep(sight)
    if not is_complete:
        return Plan(tuple(actions), wake_at)
    removed, is_complete = _remove(sight)
    actions += removed
    if is_complete and sight.stateful_set.spec.update_strategy.type != "OnDelete":
        going = {a.name for a in actions if isinstance(a, DeletePod)}
        actions += _update(sight, going)
    return Plan(tuple(actions), wake_at)


def _wake_at(sight: Sight) -> float | None:
    seconds = sight.stateful_set.spec.min_ready_seconds
    times = (available_at(pod, seconds) for pod in sight.pods if _is_running(pod))
    return min((at for at in times if at is not None and at > sight.now), default=None)


def _keep(sight: Sight) -> tuple[list[Action], bool]:
    """Actions for the pods that there should be; whether to go on beyond them."""
    actions: list[Action] = []
    pods = sight.by_number()
    for number in sight.numbers:
        pod = pods.get(number)
        actions += _keep_one(sight, number, pod)
        if sight.is_ordered and (actions or not sight.is_available(pod)):
            return actions, False
    return actions, True


def _keep_one(sight: Sight, number: int, pod: Pod | None) -> list[Action]:
    name = f"{sight.stateful_set.metadata.name}-{number}"
    if pod is None:
        if name in sight.stale:
            return []
        revision = _revision_for(sight, number)
        return [CreatePod(number, revision, "there is no such pod")]
    uid, is_leaving = pod.metadata.uid, pod.metadata.deletion_timestamp is not None
    if is_leaving:
        return []
    if pod.status.phase in ("Failed", "Succeeded"):
        return [DeletePod(name, uid, f"it has ended: {pod.status.phase}")]
    found: list[Action] = []
    if pod.status.phase == "Pending" and name in sight.unclaimed:
        found.append(CreateClaims(name, "the pod waits for them"))
    if not labels_of(name).items() <= (pod.metadata.labels or {}).items():
        found.append(LabelPod(name, uid, "it lacks the labels of its identity"))
    return found


def _revision_for(sight: Sight, number: int) -> str:
    """The revision that a new pod is created from."""
    index = number - sight.numbers.start
    rolling = sight.stateful_set.spec.update_strategy.rolling_update
    is_rolling = sight.stateful_set.spec.update_strategy.type == "RollingUpdate"
    if rolling is not None:
        is_old = index < rolling.partition
    else:
        is_old = is_rolling and index < sight.stateful_set.status.current_replicas
    return sight.current if is_old else sight.update


def _remove(sight: Sight) -> tuple[list[Action], bool]:
    """Actions for pods with numbers that are not wanted; whether none is left."""
    surplus = sight.surplus()
    unavailable = [p for p in reversed(surplus) if not sight.is_available(p)]
    first = unavailable[0] if unavailable else None
    actions: list[Action] = []
    for pod in surplus:
        if pod.metadata.deletion_timestamp is not None:
            if sight.is_ordered:
                return actions, False
            continue
        if sight.is_ordered and pod in unavailable and pod is not first:
            return actions, False
        because = f"{sight.stateful_set.spec.replicas} replicas are wanted"
        actions.append(DeletePod(pod.metadata.name, pod.metadata.uid, because))
        if sight.is_ordered:
            return actions, False
    return actions, True


def _update(sight: Sight, going: set[str]) -> list[Action]:
    rolling = sight.stateful_set.spec.update_strategy.rolling_update
    partition = rolling.partition if rolling else 0
    pods = sight.by_number()
    rows = [(n, pods.get(n)) for n in reversed(sight.numbers)]
    # Without maxUnavailable, pods above the one to be replaced must be available;
    # with it, only their number counts.
    if rolling is not None and rolling.max_unavailable is not None:
        total = sight.stateful_set.spec.replicas
        most = max(1, amounts.scaled(rolling.max_unavailable, total, up=False))
        away = [p for _, p in rows if p is None or _is_away(sight, p, going)]
        allowed = most - len(away)
    else:
        allowed = 1
        rows = _until_unavailable(sight, rows)
    actions: list[Action] = []
    for number, pod in rows:
        if number < sight.numbers.start + partition or len(actions) >= allowed:
            break
        if pod is None or pod.metadata.deletion_timestamp is not None:
            continue
        if pod.metadata.name not in going and revision_of(pod) != sight.update:
            because = f"it is of {revision_of(pod)}, the template of {sight.update}"
            actions.append(DeletePod(pod.metadata.name, pod.metadata.uid, because))
    return actions


def _is_away(sight: Sight, pod: Pod, going: set[str]) -> bool:
    return not sight.is_available(pod) or pod.metadata.name in going


def _until_unavailable(
    sight: Sight, rows: Sequence[tuple[int, Pod | None]]
) -> list[tuple[int, Pod | None]]:
    """The rows up to the first pod that is of the new revision and not available."""
    kept: list[tuple[int, Pod | None]] = []
    for number, pod in rows:
        is_old = pod is not None and revision_of(pod) != sight.update
        is_leaving = pod is None or pod.metadata.deletion_timestamp is not None
        if is_old and not is_leaving:
            return [*kept, (number, pod)]
        if not sight.is_available(pod):
            return kept
        kept.append((number, pod))
    return kept
