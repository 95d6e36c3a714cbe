"""PodDisruptionBudgets and evictions on simulated nodes."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.client.base import DeleteOptions
from supervisor.controllers.disruption.plan import Controller, expected, plan
from supervisor.kinds.identity import POD_DISRUPTION_BUDGET
from supervisor.model import times
from supervisor.model.disruption_budget import (
    PodDisruptionBudget,
    PodDisruptionBudgetSpec,
    PodDisruptionBudgetStatus,
)
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object, ObjectMeta
from supervisor.model.pod import Pod
from tests.damage import damage
from tests.fakes.clock import START
from tests.unit.controllers.build import pod
from tests.unit.controllers.workloads.living import APP, FAST, Living, workload

BUDGETS = POD_DISRUPTION_BUDGET.resource
TWO_MINUTES = 120


def budget(name: str = "web", **spec: Any) -> Object:
    return {
        **POD_DISRUPTION_BUDGET.head,
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"selector": {"matchLabels": APP}} | spec,
    }


def world(replicas: int = 3, **spec: Any) -> Living:
    """A Deployment whose pods are ready, and a budget for them."""
    made = Living(2, *FAST, "disruption")
    made.create("deployments.apps", workload("Deployment", replicas=replicas))
    made.create(BUDGETS, budget(**spec))
    made.live()
    return made


def lone_pod(made: Living, name: str) -> None:
    """A ready pod with label app=web and no controller."""
    made.run_pod(name, "one", labels=APP)


def numbers(made: Living) -> tuple[int, ...]:
    """Of the status: allowed, healthy, desired, expected."""
    status = made.get(BUDGETS)["status"]
    fields = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    return tuple(status[field] for field in fields)


def condition(made: Living) -> tuple[str, str, str]:
    (found,) = made.get(BUDGETS)["status"]["conditions"]
    return found["status"], found["reason"], found.get("message", "")


def running(made: Living) -> list[str]:
    """The names of the pods that run and are not being deleted."""
    return sorted(
        pod["metadata"]["name"]
        for pod in made.pods()
        if pod["status"].get("phase") == "Running"
        and "deletionTimestamp" not in pod["metadata"]
    )


def evict(made: Living, name: str = "", **options: Any) -> None:
    name = name or running(made)[0]
    made.api.evict(name, "default", DeleteOptions(**options))


def refused(made: Living, name: str = "") -> ApiError:
    with pytest.raises(ApiError) as caught:
        evict(made, name)
    return caught.value


def cause(error: ApiError) -> str:
    (found,) = error.details["causes"]
    assert found["reason"] == "DisruptionBudget"
    return str(found["message"])


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({"minAvailable": 2}, (1, 3, 2, 3)),
        ({"minAvailable": "50%"}, (1, 3, 2, 3)),
        ({"minAvailable": "100%"}, (0, 3, 3, 3)),
        ({"maxUnavailable": 1}, (1, 3, 2, 3)),
        ({"maxUnavailable": "30%"}, (1, 3, 2, 3)),
        ({"maxUnavailable": 9}, (3, 3, 0, 3)),
        ({}, (0, 3, 0, 0)),
    ],
)
def test_the_numbers_follow_from_the_replicas(
    spec: Object, found: tuple[int, ...]
) -> None:
    """Percentages are of the Deployment's replicas, and rounded up."""
    assert numbers(world(**spec)) == found


def test_the_replicas_count_and_not_the_pods_that_exist() -> None:
    """A Deployment that is scaled up lacks the pods that are not there yet."""
    made = world(replicas=2, maxUnavailable=1)
    made.change("deployments.apps", {"spec": {"replicas": 4}})
    made.settle()

    assert numbers(made) == (0, 2, 3, 4)


def test_the_condition_says_whether_pods_may_be_evicted() -> None:
    """With upstream's reasons."""
    assert condition(world(maxUnavailable=1)) == ("True", "SufficientPods", "")
    assert condition(world(maxUnavailable=0)) == ("False", "InsufficientPods", "")


def test_a_budget_without_pods_allows_nothing() -> None:
    """And an event says that it selects none."""
    made = Living(1, *FAST, "disruption")
    made.create(BUDGETS, budget(minAvailable=0))
    made.live()

    assert numbers(made) == (0, 0, 0, 0)
    assert made.events("NoPods") == ["NoPods No matching pods found x1"]


def test_pods_without_controller_are_reported() -> None:
    """They are not expected, so they cannot be replaced."""
    made = Living(1, *FAST, "disruption")
    lone_pod(made, "lone")
    made.create(BUDGETS, budget(maxUnavailable=1))
    made.live()

    assert numbers(made) == (0, 1, 0, 0)
    (event,) = made.events("UnmanagedPods")
    assert "(selector: app=web) were found to be unmanaged" in event


def test_a_whole_number_needs_no_controller() -> None:
    """The pods that exist are those that are expected."""
    made = Living(1, *FAST, "disruption")
    for name in ("a", "b"):
        lone_pod(made, name)
    made.create(BUDGETS, budget(minAvailable=1))
    made.live()

    assert numbers(made) == (1, 2, 1, 2)


def test_a_kind_without_replicas_cannot_be_counted() -> None:
    """The condition and an event say so, and nothing may be evicted."""
    made = Living(1, *FAST, "disruption")
    made.create("daemonsets.apps", workload("DaemonSet", "logs"))
    made.create(BUDGETS, budget(maxUnavailable=1))
    made.live()
    text = "daemonsets.apps does not implement the scale subresource"

    assert condition(made) == ("False", "SyncFailed", text)
    assert made.events("CalculateExpectedPodCountFailed") == [
        "CalculateExpectedPodCountFailed Failed to calculate the number of expected "
        f"pods: {text} x1"
    ]


def test_evictions_stop_where_the_budget_ends() -> None:
    """The refusal is a 429 whose cause has the numbers."""
    made = world(maxUnavailable=1)
    evict(made)
    error = refused(made)

    assert (error.code, error.reason) == (429, "TooManyRequests")
    assert error.message == (
        "Cannot evict pod as it would violate the pod's disruption budget."
    )
    assert "retryAfterSeconds" not in error.details
    made.settle()
    assert cause(refused(made)) == (
        "The disruption budget web needs 2 healthy pods and has 2 currently"
    )


def test_a_replacement_that_is_ready_allows_the_next_eviction() -> None:
    """So a drain goes on."""
    made = world(maxUnavailable=1)
    for _ in range(5):
        evict(made)
        assert refused(made).code == 429
        made.live()

    assert numbers(made) == (1, 3, 2, 3)
    assert "disruptedPods" not in made.get(BUDGETS)["status"]


def test_a_new_budget_has_to_be_counted_first() -> None:
    """Clients are asked to try again after ten seconds."""
    made = world(maxUnavailable=1)
    made.change(BUDGETS, {"spec": {"maxUnavailable": 2}})
    error = refused(made)

    assert error.details["retryAfterSeconds"] == 10
    assert cause(error) == (
        "The disruption budget web is still being processed by the server."
    )


def test_two_budgets_are_an_error() -> None:
    """With upstream's message."""
    made = world(maxUnavailable=1)
    made.create(BUDGETS, budget("other", maxUnavailable=1))
    made.settle()
    error = refused(made)

    assert error.code == 500
    assert error.message == (
        "This pod has more than one PodDisruptionBudget, which the eviction "
        "subresource does not support."
    )


def test_pods_that_do_not_run_are_evicted_freely() -> None:
    """Pending ones and finished ones, whatever the budget says."""
    made = world(maxUnavailable=0)
    first, second, third = made.pods()
    made.set_status(first, phase="Pending")
    made.end(second, 1)
    evict(made, first["metadata"]["name"])
    evict(made, second["metadata"]["name"])

    assert refused(made, third["metadata"]["name"]).code == 429


def unready(made: Living) -> str:
    """The name of a running pod that is not ready."""
    found: Object = made.pods()[0]
    made.set_status(found, conditions=[{"type": "Ready", "status": "False"}])
    made.settle()
    return str(found["metadata"]["name"])


def test_an_unhealthy_pod_is_evicted_if_the_others_suffice() -> None:
    """It costs no disruption."""
    made = world(minAvailable=2)
    evict(made, unready(made))

    assert "disruptedPods" not in made.get(BUDGETS)["status"]


def test_an_unhealthy_pod_of_a_disrupted_set_stays() -> None:
    """It may become ready; a policy of the budget can give it up."""
    made = world(minAvailable=3)
    name = unready(made)
    assert refused(made, name).code == 429

    made.change(BUDGETS, {"spec": {"unhealthyPodEvictionPolicy": "AlwaysAllow"}})
    evict(made, name)


def test_a_dry_run_costs_nothing() -> None:
    """It says only whether the eviction would be granted."""
    made = world(maxUnavailable=1)
    evict(made, dry_run=True)
    evict(made, dry_run=True)

    assert len(made.active()) == 3
    assert numbers(made)[0] == 1


def test_a_pod_that_was_not_deleted_counts_again() -> None:
    """After two minutes, with an event."""
    made = world(maxUnavailable=1)
    name = sorted(made.active())[0]
    status = made.get(BUDGETS)["status"]
    status["disruptedPods"] = {name: times.to_text(made.clock.now())}
    status["disruptionsAllowed"] = 0
    made.api.update(
        BUDGETS, made.get(BUDGETS) | {"status": status}, subresource="status"
    )
    made.settle()
    assert numbers(made) == (0, 2, 2, 3)

    made.advance(TWO_MINUTES + 1)
    assert numbers(made) == (1, 3, 2, 3)
    assert made.events("NotDeleted") == [
        "NotDeleted Pod was expected by PDB default/web to be deleted but it wasn't x1"
    ]


def test_a_damaged_budget_stops_evictions() -> None:
    """It may be the one of the pod; pods that do not run need none."""
    made = world(maxUnavailable=1)
    first = made.pods()[0]
    made.set_status(first, phase="Pending")
    damage(made.store, BUDGETS, "default", "web")

    error = refused(made)
    assert (error.code, error.reason) == (500, "StorageReadError")
    assert error.details["name"] == "web"
    evict(made, first["metadata"]["name"])


def test_after_a_restart_the_budget_is_the_same() -> None:
    """Everything that it depends on is in the store."""
    made = world(maxUnavailable=1)
    evict(made)
    made.restart()
    made.settle()

    assert numbers(made)[0] == 0
    assert refused(made).code == 429


amounts = st.one_of(st.integers(0, 6), st.integers(0, 100).map(lambda n: f"{n}%"))


@settings(max_examples=30, deadline=None)
@given(
    field=st.sampled_from(("minAvailable", "maxUnavailable")),
    amount=amounts,
    steps=st.lists(st.sampled_from(("evict", "settle", "live", "restart"))),
)
def test_evictions_never_break_a_budget(
    field: str, amount: int | str, steps: Sequence[str]
) -> None:
    """However they are mixed with the work of the controllers."""
    made = world(replicas=4, **{field: amount})
    least = made.get(BUDGETS)["status"]["desiredHealthy"]
    for step in steps:
        if step == "evict":
            with suppress(ApiError):
                evict(made, next(iter(running(made)), "none"))
        else:
            getattr(made, step)()
        assert len(running(made)) >= min(least, 4)


states = st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=6)


@settings(deadline=None)
@given(amount=amounts, states=states, replicas=st.integers(0, 8))
def test_the_plan_is_settled_after_one_step(
    amount: int | str, states: list[tuple[bool, bool, bool]], replicas: int
) -> None:
    """Planned again with its own result, it says the same, and never below zero."""
    pods: list[Pod] = []
    granted = {}
    for number, (is_ready, deleting, disrupted) in enumerate(states):
        at = START if is_ready else None
        pods.append(pod(str(number), ready_at=at, deleting=deleting))
        if disrupted:
            granted[str(number)] = times.to_text(START - 60)
    status = PodDisruptionBudgetStatus(disrupted_pods=granted)
    spec = PodDisruptionBudgetSpec(max_unavailable=amount)
    one = PodDisruptionBudget(ObjectMeta(name="b"), spec, status)
    owners = (
        {pods[0].metadata.owner_references[0].uid: Controller("rc", replicas)}
        if (pods)
        else {}
    )
    wanted = expected(one, pods, owners)
    first = plan(one, pods, wanted, START)
    left = PodDisruptionBudgetStatus(disrupted_pods=dict(first.disrupted_pods))
    again = plan(PodDisruptionBudget(one.metadata, spec, left), pods, wanted, START)

    assert again == first
    assert 0 <= first.disruptions_allowed <= first.current_healthy <= len(pods)
