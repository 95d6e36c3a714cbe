"""PodDisruptionBudgets: the fields that we honour.

Follows staging/src/k8s.io/api/policy/v1/types.go.
"""

from supervisor.model.label_selector import LabelSelector
from supervisor.model.meta import Condition, ObjectMeta, Value, build


class PodDisruptionBudgetSpec(Value, frozen=True):
    min_available: int | str | None = None
    max_unavailable: int | str | None = None
    selector: LabelSelector | None = None
    unhealthy_pod_eviction_policy: str = "IfHealthyBudget"


class PodDisruptionBudgetStatus(Value, frozen=True):
    observed_generation: int = 0
    disrupted_pods: dict[str, str] | None = None
    """When each pod, by name, was allowed to be evicted."""
    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0
    conditions: tuple[Condition, ...] = ()


class PodDisruptionBudget(Value, frozen=True):
    metadata: ObjectMeta
    spec: PodDisruptionBudgetSpec = PodDisruptionBudgetSpec()
    status: PodDisruptionBudgetStatus = PodDisruptionBudgetStatus()


build(globals())
