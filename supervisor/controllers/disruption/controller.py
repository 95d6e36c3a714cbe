"""The rule `disruption`: keeps the status of PodDisruptionBudgets.

Rules
- The status is written with the resourceVersion that was read: an eviction that was
  granted meanwhile is never undone.
- If the numbers cannot be computed, the budget allows nothing, and its condition says
  why.
- Events are recorded when the status changes, not each time that it is confirmed.

Follows pkg/controller/disruption/disruption.go.
"""

from collections.abc import Iterable

from supervisor.client.base import Client, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.controllers.base import EVERYTHING, ObjectKey
from supervisor.controllers.disruption.plan import (
    Expected,
    NoController,
    Outcome,
    counts_controllers,
    expected,
    plan,
)
from supervisor.controllers.disruption.scales import Scales
from supervisor.controllers.reading import all_typed, typed
from supervisor.kinds.catalog import Catalog
from supervisor.kinds.identity import POD, POD_DISRUPTION_BUDGET
from supervisor.machinery.clock import Clock
from supervisor.model import disruption_allowed, label_selector
from supervisor.model.disruption_budget import PodDisruptionBudget
from supervisor.model.equality import same
from supervisor.model.errors import ApiError, is_absent_or_unreadable
from supervisor.model.meta import Object
from supervisor.model.pod import Pod

_BUDGETS = POD_DISRUPTION_BUDGET.resource
_UNMANAGED = (
    "Pods selected by this PodDisruptionBudget (selector: {}) were found to be "
    "unmanaged. As a result, the status of the PDB cannot be calculated correctly, "
    "which may result in undefined behavior. To account for these pods please set "
    '".spec.minAvailable" field of the PDB to an integer value.'
)


def keys_for(event: WatchEvent) -> Iterable[ObjectKey]:
    """The budget itself, or all budgets of a namespace in which something changed."""
    meta = event.object["metadata"]
    is_budget = event.object.get("kind") == POD_DISRUPTION_BUDGET.kind
    return [ObjectKey(meta["namespace"], meta["name"] if is_budget else EVERYTHING)]


class Disruption:
    """The rule `disruption`."""

    name = "disruption"
    first_keys: tuple[ObjectKey, ...] = ()

    def __init__(
        self, client: Client, clock: Clock, recorder: EventRecorder, catalog: Catalog
    ) -> None:
        scaled = [k for k in catalog.kinds if k.subresource("scale") is not None]
        heard = (kind.identity.resource for kind in scaled)
        self.resources = (_BUDGETS, POD.resource, *heard)
        self._client = client
        self._clock = clock
        self._recorder = recorder
        self._scales = Scales(client, catalog)

    def keys_for(self, event: WatchEvent) -> Iterable[ObjectKey]:
        return keys_for(event)

    def reconcile(self, key: ObjectKey) -> float | None:
        if key.name == EVERYTHING:
            found = self._client.list(_BUDGETS, key.namespace).items
            pods = self._client.list(POD.resource, key.namespace).items if found else []
            return min(filter(None, (self._step(b, pods) for b in found)), default=None)
        try:
            obj = self._client.get(_BUDGETS, key.name, key.namespace)
        except ApiError as error:
            if is_absent_or_unreadable(error):
                return None
            raise
        return self._step(obj, self._client.list(POD.resource, key.namespace).items)

    def _step(self, obj: Object, all_pods: list[Object]) -> float | None:
        """Update one budget, given the pods of its namespace."""
        budget, now = typed(PodDisruptionBudget, obj), self._clock.now()
        selector = label_selector.to_selector(budget.spec.selector)
        pods = [p for p in all_pods if selector.matches(p["metadata"].get("labels"))]
        seen = all_typed(Pod, pods)
        try:
            controllers = self._scales.of(pods) if counts_controllers(budget) else {}
            wanted = expected(budget, seen, controllers)
        except NoController as error:
            before = obj.get("status") or {}
            failed = disruption_allowed.with_failure(before, str(error), now)
            if self._write(obj, failed):
                text = f"Failed to calculate the number of expected pods: {error}"
                self._tell(obj, "Warning", "CalculateExpectedPodCountFailed", text)
            return None
        outcome = plan(budget, seen, wanted, now)
        if self._write(obj, _status(obj, outcome, now)):
            self._report(obj, budget, pods, wanted, outcome)
        return outcome.wake_at

    def _report(
        self,
        obj: Object,
        budget: PodDisruptionBudget,
        pods: list[Object],
        wanted: Expected,
        outcome: Outcome,
    ) -> None:
        if not pods:
            self._tell(obj, "Normal", "NoPods", "No matching pods found")
        if wanted.unmanaged:
            selector = label_selector.to_selector(budget.spec.selector)
            self._tell(obj, "Warning", "UnmanagedPods", _UNMANAGED.format(selector))
        name = f"{budget.metadata.namespace}/{budget.metadata.name}"
        text = f"Pod was expected by PDB {name} to be deleted but it wasn't"
        for pod in pods:
            if pod["metadata"]["name"] in outcome.not_deleted:
                self._tell(pod, "Warning", "NotDeleted", text)

    def _tell(self, obj: Object, type_: str, reason: str, message: str) -> None:
        self._recorder.record(obj, type_, reason, message)

    def _write(self, obj: Object, status: Object) -> bool:
        """Whether the status has changed. Raises ApiError 409."""
        if same(status, obj.get("status") or {}):
            return False
        self._client.update(_BUDGETS, obj | {"status": status}, subresource="status")
        return True


def _status(obj: Object, outcome: Outcome, now: float) -> Object:
    before = obj.get("status") or {}
    status: Object = {
        "observedGeneration": obj["metadata"].get("generation", 0),
        "disruptedPods": dict(outcome.disrupted_pods),
        "disruptionsAllowed": outcome.disruptions_allowed,
        "currentHealthy": outcome.current_healthy,
        "desiredHealthy": outcome.desired_healthy,
        "expectedPods": outcome.expected_pods,
        "conditions": before.get("conditions") or [],
    }
    if not status["disruptedPods"]:
        del status["disruptedPods"]
    return disruption_allowed.with_condition(status, now)
