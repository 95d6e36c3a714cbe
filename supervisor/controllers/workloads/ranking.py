"""Which pods go first when there are too many. Pure.

The first difference decides; what comes first in this table dies first.

1. without a node before with one
2. phase Pending, then Unknown, then Running
3. not ready before ready
4. the lower `controller.kubernetes.io/pod-deletion-cost`
5. more related pods on the same node
6. ready for a shorter time
7. more restarts: of ordinary containers, then of sidecars
8. younger, and of the same age the smaller uid

Rules
- Times of 6 and 8 are compared by the power of two of their age, so that among pods of
  about the same age chance (the uid) decides, and not always the newest dies.
- Related pods are those of owners with the same controller. A ReplicationController has
  none, so 5 is a tie for it.

Follows pkg/controller/controller_utils.go, ActivePodsWithRanks.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cmp_to_key
from math import log2

from supervisor.model import times
from supervisor.model.pod import ContainerStatus, Pod

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"

_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}
_INT32 = range(-(2**31), 2**31)


def victims(
    pods: Sequence[Pod],
    count: int,
    now: float,
    related_by_node: Mapping[str, int] | None = None,
) -> list[Pod]:
    """The `count` pods to delete, first those that are missed least.

    `related_by_node` counts active related pods; without it criterion 5 is a tie.
    """
    if count >= len(pods):
        return list(pods)
    ranks = related_by_node or {}

    def compare(a: Pod, b: Pod) -> int:
        return _compare(a, b, now, ranks)

    return sorted(pods, key=cmp_to_key(compare))[:count]


def _compare(a: Pod, b: Pod, now: float, ranks: Mapping[str, int]) -> int:
    by_value: tuple[Callable[[Pod], int], ...] = (
        lambda pod: 1 if pod.spec.node_name else 0,
        lambda pod: _PHASES.get(pod.status.phase, 0),
        lambda pod: 1 if pod.is_ready else 0,
        deletion_cost,
        lambda pod: -ranks.get(pod.spec.node_name, 0),
    )
    for value in by_value:
        if difference := value(a) - value(b):
            return difference
    if a.is_ready and b.is_ready:
        since_a, since_b = _ready_at(a), _ready_at(b)
        if since_a != since_b:
            return _younger_first(a, b, since_a, since_b, now)
    for restarts in (_restarts, _sidecar_restarts):
        if difference := restarts(b) - restarts(a):
            return difference
    born_a, born_b = _created_at(a), _created_at(b)
    if born_a != born_b:
        return _younger_first(a, b, born_a, born_b, now)
    return _by_uid(a, b)


def _younger_first(
    a: Pod, b: Pod, since_a: float | None, since_b: float | None, now: float
) -> int:
    """An unknown instant counts as the youngest."""
    if since_a is None or since_b is None:
        return -1 if since_a is None else 1
    if difference := _age_rank(now - since_a) - _age_rank(now - since_b):
        return difference
    return _by_uid(a, b)


def _by_uid(a: Pod, b: Pod) -> int:
    return -1 if a.metadata.uid < b.metadata.uid else 1


def _age_rank(age_seconds: float) -> int:
    return int(log2(age_seconds * 1e9)) if age_seconds > 0 else -1


def deletion_cost(pod: Pod) -> int:
    """The pod's annotation; 0 when it is absent or no int32 in canonical form."""
    text = (pod.metadata.annotations or {}).get(DELETION_COST, "0")
    try:
        cost = int(text)
    except ValueError:
        return 0
    return cost if cost in _INT32 and str(cost) == text else 0


def _ready_at(pod: Pod) -> float | None:
    ready = pod.status.condition("Ready")
    if ready is None or ready.status != "True" or not ready.last_transition_time:
        return None
    return times.to_seconds(ready.last_transition_time)


def _created_at(pod: Pod) -> float | None:
    created = pod.metadata.creation_timestamp
    return times.to_seconds(created) if created else None


def _restarts(pod: Pod) -> int:
    return _most(pod.status.container_statuses)


def _sidecar_restarts(pod: Pod) -> int:
    sidecars = {c.name for c in pod.spec.init_containers if c.restart_policy}
    statuses = pod.status.init_container_statuses
    return _most(status for status in statuses if status.name in sidecars)


def _most(statuses: Iterable[ContainerStatus]) -> int:
    return max((status.restart_count for status in statuses), default=0)
