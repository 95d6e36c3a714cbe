"""What PodDisruptionBudgets say about one eviction. Pure.

Rules
- Pods that are pending, finished or being deleted are evicted without asking.
- An unhealthy pod is evicted if its budget has enough healthy pods without it, or
  if the budget says AlwaysAllow. That costs no disruption, but holds only for the pod
  as it was read.
- A granted eviction is written into the status of the budget before the pod is deleted.

Follows pkg/registry/core/pod/storage/eviction.go.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from supervisor.model import disruption_allowed, label_selector, times
from supervisor.model.disruption_budget import (
    PodDisruptionBudget,
    PodDisruptionBudgetStatus,
)
from supervisor.model.errors import ApiError, forbidden, too_many_requests
from supervisor.model.meta import Object, decode, without_nulls
from supervisor.model.pod import Pod

REFUSED = "Cannot evict pod as it would violate the pod's disruption budget."
_TWO_BUDGETS = (
    "This pod has more than one PodDisruptionBudget, which the eviction subresource "
    "does not support."
)
_CAUSE = "DisruptionBudget"
_MOST_DISRUPTED = 2000
_RETRY_SECONDS = 10


@dataclass(frozen=True)
class Permit:
    """How a pod may be evicted."""

    budget: str = ""
    """The budget of the pod, by name; empty if it has none, or none is asked."""
    costs: bool = False
    """Whether the eviction is one of those that the budget allows."""
    only_as_read: bool = False
    """Whether the pod must not have changed since it was read."""


def is_free(pod: Pod) -> bool:
    """Whether the pod may be evicted without asking its budget."""
    ends = pod.is_finished or pod.metadata.deletion_timestamp is not None
    return ends or pod.status.phase == "Pending"


def permit(pod: Pod, budgets: Iterable[PodDisruptionBudget]) -> Permit:
    """How `pod` may be evicted; `budgets` are those of its namespace.

    Raises ApiError 500 if it has more than one budget.
    """
    if is_free(pod):
        # One that is pending may become ready before it is deleted.
        return Permit(only_as_read=pod.is_active)
    mine = [budget for budget in budgets if _selects(budget, pod)]
    if len(mine) > 1:
        raise ApiError(500, "", _TWO_BUDGETS)
    if not mine:
        return Permit()
    budget = mine[0]
    name, status = budget.metadata.name, budget.status
    if not pod.is_ready:
        always = budget.spec.unhealthy_pod_eviction_policy == "AlwaysAllow"
        if always or status.current_healthy >= status.desired_healthy > 0:
            return Permit(name, only_as_read=True)
    return Permit(name, costs=True)


def _selects(budget: PodDisruptionBudget, pod: Pod) -> bool:
    selector = label_selector.to_selector(budget.spec.selector)
    return selector.matches(pod.metadata.labels)


def spend(budget: Object, pod: str, now: float) -> Object:
    """`budget` after granting the eviction of the pod with this name.

    `now` is in seconds since the epoch. Raises ApiError 403 or 429.
    """
    found = decode(PodDisruptionBudget, budget)
    name, seen = found.metadata.name, found.status
    if seen.observed_generation < found.metadata.generation:
        raise still_processed(name)
    if seen.disruptions_allowed < 0:
        detail = "pdb disruptions allowed is negative"
        raise forbidden("poddisruptionbudget.policy", name, detail)
    if len(seen.disrupted_pods or {}) > _MOST_DISRUPTED:
        detail = (
            "DisruptedPods map too big - too many evictions not confirmed by PDB "
            "controller"
        )
        raise forbidden("poddisruptionbudget.policy", name, detail)
    if seen.disruptions_allowed == 0:
        raise _refusal(_cause(name, seen))
    changed: Object = without_nulls(budget)
    status = changed["status"]
    status["disruptionsAllowed"] = left = seen.disruptions_allowed - 1
    granted = status.get("disruptedPods") or {}
    status["disruptedPods"] = granted | {pod: times.to_text(now)}
    if left == 0:
        changed["status"] = disruption_allowed.with_condition(status, now)
    return changed


def still_processed(budget: str) -> ApiError:
    """The 429 if the numbers of a budget are not those of the present."""
    text = f"The disruption budget {budget} is still being processed by the server."
    return _refusal(text, _RETRY_SECONDS)


def _cause(name: str, status: PodDisruptionBudgetStatus) -> str:
    rows = (c for c in status.conditions if c.type == disruption_allowed.TYPE)
    condition = next(rows, None)
    holds = condition is not None and condition.status == "False" and condition.message
    if condition and holds and condition.reason == disruption_allowed.SYNC_FAILED:
        return (
            f"The disruption budget {name} does not allow evicting pods currently "
            f"because it failed sync: {condition.message}"
        )
    if status.current_healthy <= status.desired_healthy:
        return (
            f"The disruption budget {name} needs {status.desired_healthy} healthy pods "
            f"and has {status.current_healthy} currently"
        )
    text = f"The disruption budget {name} does not allow evicting pods currently"
    if condition and holds:
        return f"{text} ({condition.reason}): {condition.message}"
    return text


def _refusal(cause: str, retry_after_seconds: int = 0) -> ApiError:
    """Without a time to retry, clients report the refusal, and choose their own."""
    error = too_many_requests(REFUSED, retry_after_seconds)
    if not retry_after_seconds:
        del error.details["retryAfterSeconds"]
    error.details["causes"] = [{"reason": _CAUSE, "message": cause}]
    return error
