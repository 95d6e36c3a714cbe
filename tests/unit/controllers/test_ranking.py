"""Who goes first when there are too many pods."""

from typing import Any

import pytest
from msgspec.structs import replace

from supervisor.controllers.workloads import ranking
from supervisor.model.pod import ContainerStatus
from tests.fakes.clock import START
from tests.unit.controllers.build import pod


def first_of(*pods: Any, **options: Any) -> str:
    """The name of the first victim, the same in whichever order they are given."""
    answers = {
        ranking.victims(row, 1, START, **options)[0].metadata.name
        for row in (pods, pods[::-1])
    }
    assert len(answers) == 1
    return answers.pop()


@pytest.mark.parametrize(
    ("victim", "survivor"),
    [
        ({"node": "", "ready_at": START}, {}),
        ({"phase": "Pending"}, {"phase": "Unknown"}),
        ({"phase": "Unknown"}, {"phase": "Running"}),
        ({}, {"ready_at": START - 5}),
        ({"cost": "-1"}, {}),
        ({}, {"cost": "1"}),
        ({"ready_at": START - 5}, {"ready_at": START - 500}),
        ({"restarts": 2}, {"restarts": 1}),
        ({"created_at": START - 5}, {"created_at": START - 500}),
    ],
    ids=[
        "1 no node",
        "2 pending",
        "2 unknown",
        "3 not ready",
        "4 lower cost",
        "4 default cost is 0",
        "6 ready for a shorter time",
        "7 more restarts",
        "8 younger",
    ],
)
def test_what_is_missed_least_goes_first(
    victim: dict[str, Any], survivor: dict[str, Any]
) -> None:
    """Each criterion alone decides between pods that are equal otherwise."""
    # The names speak against the outcome, so that no tie can produce it.
    assert first_of(pod("z-victim", **victim), pod("a-other", **survivor)) == "z-victim"


@pytest.mark.parametrize(
    ("victim", "survivor"),
    [
        ({"node": "", "phase": "Running"}, {"phase": "Pending"}),
        ({"phase": "Pending", "ready_at": START}, {}),
        ({"cost": "5"}, {"ready_at": START, "cost": "-5"}),
        ({"cost": "-1", "restarts": 0}, {"restarts": 9}),
        (
            {"ready_at": START - 5, "restarts": 0},
            {"ready_at": START - 500, "restarts": 9},
        ),
        (
            {"restarts": 1, "created_at": START - 500},
            {"created_at": START - 5},
        ),
    ],
)
def test_an_earlier_criterion_outweighs_a_later_one(
    victim: dict[str, Any], survivor: dict[str, Any]
) -> None:
    """The first difference decides."""
    assert first_of(pod("z-victim", **victim), pod("a-other", **survivor)) == "z-victim"


def test_pods_beside_more_related_pods_go_first() -> None:
    """Criterion 5: the crowded node gives first, if related pods are counted."""
    pods = pod("z-crowded", node="crowded"), pod("a-alone", node="alone")

    assert first_of(*pods, related_by_node={"crowded": 3, "alone": 1}) == "z-crowded"
    assert first_of(*pods) == "a-alone"


def test_among_pods_of_about_the_same_age_the_uid_decides() -> None:
    """Ages within one power of two are the same."""
    older = pod("a-older", ready_at=START - 900)
    younger = pod("b-younger", ready_at=START - 700)

    assert first_of(older, younger) == "a-older"


@pytest.mark.parametrize("text", ["", "x", "1.5", "2147483648", "+5", "05", " 5"])
def test_a_malformed_deletion_cost_counts_as_zero(text: str) -> None:
    """Only an int32 in canonical form is a cost."""
    assert ranking.deletion_cost(pod("a", cost=text)) == 0


def test_restarts_of_sidecars_count_after_those_of_containers() -> None:
    """Equal restarts of containers leave the decision to the sidecars."""
    sidecar = [{"name": "side", "restartPolicy": "Always"}]
    busy = pod("z-busy", initContainers=sidecar)
    quiet = pod("a-quiet", initContainers=sidecar)
    restarted = ContainerStatus("side", restart_count=3)
    status = replace(busy.status, init_container_statuses=(restarted,))
    busy = replace(busy, status=status)

    assert first_of(busy, quiet) == "z-busy"


def test_when_all_go_there_is_nothing_to_rank() -> None:
    """All pods are answered in their order."""
    pods = [pod("b"), pod("a")]

    assert ranking.victims(pods, 2, START) == pods
