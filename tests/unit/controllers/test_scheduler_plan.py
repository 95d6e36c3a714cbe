"""Where pods go."""

from collections import Counter
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.client.base import WatchEvent
from supervisor.controllers.base import EVERYTHING
from supervisor.controllers.scheduler import Bind, Refuse, is_waiting, keys_for, plan
from tests.fakes.clock import START
from tests.unit.controllers.build import (
    node,
    node_object,
    pod,
    pod_object,
    requesting,
    waiting,
)


def placed(waiting_pods: Any, nodes: Any, pods: Any = ()) -> dict[str, str]:
    """The node of each pod, or why it has none."""
    todo = plan(waiting_pods, nodes, pods, START)
    return {
        action.name: action.node if isinstance(action, Bind) else action.because
        for action in todo.actions
    }


def test_a_pod_goes_to_the_only_node() -> None:
    """One node that fits is the best."""
    assert placed([waiting("a")], [node("one")]) == {"a": "one"}


def test_a_pod_goes_where_most_is_left() -> None:
    """Without an owner the emptiest node wins."""
    busy = pod("b", node="one", containers=requesting(cpu="2"), owned_by=None)
    lone = waiting("a", owned_by=None)

    assert placed([lone], [node("one"), node("two")], [busy]) == {"a": "two"}


def test_pods_of_one_controller_avoid_each_other() -> None:
    """Spreading weighs more than room."""
    sibling = pod("b", node="large")
    nodes = [node("large", cpu="64", memory="64Gi"), node("small", cpu="1")]

    assert placed([waiting("a")], nodes, [sibling]) == {"a": "small"}


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


def test_the_oldest_pod_is_placed_first() -> None:
    """Who waits longest gets the room."""
    tight = {"containers": requesting(cpu="1")}
    old = waiting("z-old", created_at=START - 100, **tight)
    new = waiting("a-new", created_at=START, **tight)

    assert placed([new, old], [node("one", cpu="1")]) == {
        "z-old": "one",
        "a-new": "0/1 nodes are available: 1 Insufficient cpu.",
    }


def test_a_pod_that_fits_nowhere_is_looked_at_again_after_five_minutes() -> None:
    """At the latest; a change of a node comes first."""
    large = waiting("a", containers=requesting(cpu="9"))

    assert plan([large], [node("one")], [], START).wake_at == START + 300
    assert plan([waiting("a")], [node("one")], [], START).wake_at is None


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


@pytest.mark.parametrize(
    ("type_", "obj", "wakes"),
    [
        ("ADDED", pod_object("a", node=""), True),
        ("MODIFIED", pod_object("a", node="one"), False),
        ("MODIFIED", pod_object("a", node="one", phase="Succeeded"), True),
        ("DELETED", pod_object("a", node="one"), True),
        ("MODIFIED", node_object("one"), True),
    ],
)
def test_what_may_make_room_wakes_the_scheduler(
    type_: str, obj: Any, wakes: bool
) -> None:
    """Waiting pods, ended pods and nodes; not the daily life of running pods."""
    assert list(keys_for(WatchEvent(type_, obj))) == ([EVERYTHING] if wakes else [])


AMOUNTS = st.integers(0, 1500)


@given(
    nodes=st.lists(AMOUNTS, min_size=1, max_size=4),
    requests=st.lists(AMOUNTS, max_size=12),
)
@settings(max_examples=60, deadline=None)
def test_a_node_is_never_overcommitted(nodes: list[int], requests: list[int]) -> None:
    """What is placed on a node fits into it, and what fits is placed."""
    offered = {f"n{i}": cpu for i, cpu in enumerate(nodes)}
    asked = {f"p{i:02}": cpu for i, cpu in enumerate(requests)}
    pods = [waiting(p, containers=requesting(cpu=f"{c}m")) for p, c in asked.items()]

    todo = plan(pods, [node(n, cpu=f"{c}m") for n, c in offered.items()], [], START)

    left = dict(offered)
    for action in todo.actions:
        if isinstance(action, Bind):
            left[action.node] -= asked[action.name]
        elif isinstance(action, Refuse):
            assert asked[action.name] > max(left.values())
    assert all(amount >= 0 for amount in left.values())
