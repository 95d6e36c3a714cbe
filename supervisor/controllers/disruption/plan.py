"""How many evictions a PodDisruptionBudget allows. Pure.

Rules
- Percentages, and all values of maxUnavailable, refer to the sum of the replicas of the
  controllers of the selected pods.
- A pod whose eviction was granted counts as gone for two minutes. If it has not been
  deleted by then, it counts again.
- A budget that expects no pods allows nothing.

Follows trySync of pkg/controller/disruption/disruption.go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from supervisor.kinds.workloads import amounts
from supervisor.model import times
from supervisor.model.disruption_budget import PodDisruptionBudget
from supervisor.model.pod import Pod

DELETION_TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True)
class Controller:
    """The controller of pods that determines how many there should be."""

    uid: str
    replicas: int


@dataclass(frozen=True)
class Expected:
    """How many pods there should be, and how many of them healthy."""

    pods: int
    healthy: int
    unmanaged: tuple[str, ...] = ()
    """Names of pods without a controller, where controllers are counted."""


class NoController(Exception):
    """The text says which pod has no controller that can be counted."""


@dataclass(frozen=True)
class Outcome:
    """The numbers of the status."""

    expected_pods: int
    desired_healthy: int
    current_healthy: int
    disruptions_allowed: int
    disrupted_pods: Mapping[str, str] = field(default_factory=dict)
    """When the eviction of each pod, by name, was granted."""
    not_deleted: tuple[str, ...] = ()
    """Pods that were expected to be deleted two minutes ago, by name."""
    wake_at: float | None = None


def counts_controllers(budget: PodDisruptionBudget) -> bool:
    """Whether the budget depends on the replicas of controllers."""
    spec = budget.spec
    return spec.max_unavailable is not None or isinstance(spec.min_available, str)


def expected(
    budget: PodDisruptionBudget,
    pods: Sequence[Pod],
    controllers: Mapping[str, Controller],
) -> Expected:
    """`controllers` are by the uid of the owner reference of a pod.

    Raises NoController.
    """
    spec = budget.spec
    if not counts_controllers(budget):
        if spec.min_available is None:
            return Expected(0, 0)
        return Expected(len(pods), int(spec.min_available))
    total, unmanaged = _scale(pods, controllers)
    if spec.max_unavailable is not None:
        missing = amounts.scaled(spec.max_unavailable, total, up=True)
        return Expected(total, max(total - missing, 0), unmanaged)
    healthy = amounts.scaled(spec.min_available, total, up=True)
    return Expected(total, healthy, unmanaged)


def _scale(
    pods: Sequence[Pod], controllers: Mapping[str, Controller]
) -> tuple[int, tuple[str, ...]]:
    replicas: dict[str, int] = {}
    unmanaged = []
    for pod in pods:
        owner = pod.metadata.controller
        if owner is None:
            unmanaged.append(pod.metadata.name)
            continue
        found = controllers.get(owner.uid)
        if found is None:
            raise NoController(f'found no controllers for pod "{pod.metadata.name}"')
        replicas[found.uid] = found.replicas
    return sum(replicas.values()), tuple(unmanaged)


def plan(
    budget: PodDisruptionBudget, pods: Sequence[Pod], wanted: Expected, now: float
) -> Outcome:
    """The status of `budget`, which selects `pods`. `now` is in seconds."""
    disrupted, late, wake_at = _disrupted(budget, pods, now)
    healthy = sum(
        pod.is_ready
        for pod in pods
        if pod.metadata.deletion_timestamp is None
        and pod.metadata.name not in disrupted
    )
    allowed = max(healthy - wanted.healthy, 0) if wanted.pods > 0 else 0
    return Outcome(
        expected_pods=wanted.pods,
        desired_healthy=wanted.healthy,
        current_healthy=healthy,
        disruptions_allowed=allowed,
        disrupted_pods=disrupted,
        not_deleted=tuple(late),
        wake_at=wake_at,
    )


def _disrupted(
    budget: PodDisruptionBudget, pods: Sequence[Pod], now: float
) -> tuple[dict[str, str], list[str], float | None]:
    """Granted evictions that are awaited, those that are overdue, and the next time."""
    granted = budget.status.disrupted_pods or {}
    awaited: dict[str, str] = {}
    late: list[str] = []
    wake_at: float | None = None
    for pod in pods:
        name = pod.metadata.name
        if pod.metadata.deletion_timestamp is not None or name not in granted:
            continue
        until = times.to_seconds(granted[name]) + DELETION_TIMEOUT_SECONDS
        if until <= now:
            late.append(name)
            continue
        awaited[name] = granted[name]
        wake_at = until if wake_at is None else min(wake_at, until)
    return awaited, late, wake_at
