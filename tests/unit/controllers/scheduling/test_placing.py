"""Where pods go."""

from collections import Counter
from time import process_time
from typing import Any

import pytest

from supervisor.controllers.scheduler import is_waiting
from tests.fakes.clock import START
from tests.unit.controllers.build import requesting, waiting
from tests.unit.controllers.scheduling.judging import node, placed


def test_a_pod_goes_to_the_only_node() -> None:
    """One node that fits is the best."""
    assert placed([waiting("a")], [node("one")]) == {"a": "one"}


def test_a_burst_of_90_is_spread_exactly_evenly_in_no_time() -> None:
    """Thirty on each of three nodes, in well under a second."""
    nodes = [node("one"), node("two"), node("three")]
    burst = [waiting(f"p{n:02}") for n in range(90)]
    began = process_time()

    counts = Counter(placed(burst, nodes).values())

    assert counts == {"one": 30, "two": 30, "three": 30}
    assert process_time() - began < 0.5


def test_reasons_are_counted_over_the_nodes() -> None:
    """The user reads how many nodes lack what."""
    nodes = [
        node("one", cpu="1"),
        node("two", cpu="1"),
        node("three", unschedulable=True),
    ]
    large = waiting("a", containers=requesting(cpu="2"))

    assert placed([large], nodes) == {
        "a": "0/3 nodes are available: 1 node(s) were unschedulable, "
        "2 Insufficient cpu."
    }


def test_without_nodes_the_message_says_so() -> None:
    """There is nothing to count."""
    assert placed([waiting("a")], []) == {"a": "no nodes available to schedule pods"}


def test_a_higher_priority_is_placed_first() -> None:
    """Before age counts."""
    tight = {"containers": requesting(cpu="1")}
    old = waiting("a-old", created_at=START - 100, priority=5, **tight)
    new = waiting("z-new", created_at=START, priority=6, **tight)

    assert placed([old, new], [node("one", cpu="1")]) == {
        "z-new": "one",
        "a-old": "0/1 nodes are available: 1 Insufficient cpu.",
    }


def test_the_oldest_pod_is_placed_first() -> None:
    """Who waits longest gets the room."""
    tight = {"containers": requesting(cpu="1")}
    old = waiting("z-old", created_at=START - 100, **tight)
    new = waiting("a-new", created_at=START, **tight)

    assert placed([new, old], [node("one", cpu="1")]) == {
        "z-old": "one",
        "a-new": "0/1 nodes are available: 1 Insufficient cpu.",
    }


@pytest.mark.parametrize(
    ("what", "waits"),
    [
        ({}, True),
        ({"node": "one"}, False),
        ({"schedulerName": "mine"}, False),
        ({"phase": "Failed"}, False),
        ({"deleting": True}, False),
    ],
)
def test_only_active_pods_without_a_node_wait_for_this_scheduler(
    what: dict[str, Any], waits: bool
) -> None:
    """All others are left alone."""
    assert is_waiting(waiting("a", **what)) == waits


def test_a_thousand_pods_are_placed_on_twenty_nodes_in_a_few_seconds() -> None:
    """Each node gets its fifty."""
    nodes = [node(f"n{n:02}", zone="ab"[n % 2], pods="60") for n in range(20)]
    burst = [waiting(f"p{n:04}") for n in range(1000)]
    began = process_time()

    counts = Counter(placed(burst, nodes).values())

    assert set(counts.values()) == {50}
    assert process_time() - began < 5
