"""Pods spread over nodes and zones, by constraint and by themselves."""

from collections import Counter
from typing import Any

import pytest

from supervisor.model.pod import Pod
from tests.unit.controllers.build import pod, waiting
from tests.unit.controllers.scheduling.judging import (
    HOST,
    ZONE,
    fitting,
    judged,
    labels,
    node,
    placed,
    spread,
)

NODES = [node("one", zone="a"), node("two", zone="a"), node("three", zone="b")]


def constrained(*constraints: Any, name: str = "a", **what: Any) -> Pod:
    return waiting(name, topologySpreadConstraints=list(constraints), **what)


def there(*nodes: str, **what: Any) -> list[Pod]:
    return [pod(f"{name}-{i}", node=name, **what) for i, name in enumerate(nodes)]


@pytest.mark.parametrize(
    ("constraint", "on", "fits"),
    [
        (spread(HOST), ["one"], ["two", "three"]),
        (spread(HOST), ["one", "two", "three"], ["one", "two", "three"]),
        (spread(HOST, skew=2), ["one"], ["one", "two", "three"]),
        (spread(ZONE), ["one"], ["three"]),
        (spread(ZONE), ["one", "three"], ["one", "two", "three"]),
        (spread(ZONE, labelSelector=labels(app="x")), ["one"], ["one", "two", "three"]),
        (spread(ZONE, labelSelector=None), ["one"], ["one", "two", "three"]),
        (spread(ZONE, minDomains=3), ["one", "three"], []),
        (spread(ZONE, minDomains=2), ["one", "three"], ["one", "two", "three"]),
    ],
)
def test_no_domain_gets_ahead_by_more_than_the_skew(
    constraint: Any, on: list[str], fits: list[str]
) -> None:
    """The emptiest domain sets the measure; too few domains set it to nothing."""
    assert fitting(constrained(constraint), NODES, there(*on)) == fits


def test_the_reasons_tell_skew_from_a_missing_label() -> None:
    """A node without the label is in no domain, and counts for nothing."""
    nodes = [*NODES, node("bare")]

    assert judged(constrained(spread(ZONE)), nodes, there("one", "bare")) == {
        "one": ("node(s) didn't match pod topology spread constraints",),
        "two": ("node(s) didn't match pod topology spread constraints",),
        "bare": (
            "node(s) didn't match pod topology spread constraints "
            "(missing required label)",
        ),
    }


def test_all_constraints_hold_together() -> None:
    """Even over zones, and even over nodes."""
    pods = [constrained(spread(ZONE), spread(HOST), name=f"p{n}") for n in range(6)]

    found = placed(pods, NODES)

    counts = Counter(found.values())
    assert sorted((counts["one"], counts["two"])) == [1, 2]
    assert counts["three"] == 2
    (refused,) = (text for text in found.values() if text.startswith("0/3"))
    assert "3 node(s) didn't match pod topology spread constraints" in refused


def test_pods_that_leave_or_live_elsewhere_do_not_count() -> None:
    """Neither those being deleted nor those of other namespaces."""
    leaving = there("one", deleting=True)

    assert fitting(constrained(spread(HOST)), NODES, leaving) == [
        "one",
        "two",
        "three",
    ]


def test_nodes_that_the_pod_does_not_ask_for_set_no_measure() -> None:
    """Unless the constraint says that they do."""
    chosen: Any = {"nodeSelector": {ZONE: "a"}}
    busy = there("one", "two")
    ignoring = spread(HOST, nodeAffinityPolicy="Ignore")

    assert fitting(constrained(spread(HOST), **chosen), NODES, busy) == ["one", "two"]
    assert fitting(constrained(ignoring, **chosen), NODES, busy) == []


def test_tainted_and_cordoned_nodes_set_the_measure_unless_told_not_to() -> None:
    """As upstream: only nodeTaintsPolicy Honor leaves them out."""
    taint = {"key": "k", "effect": "NoSchedule"}
    nodes = [*NODES[:2], node("t", taints=[taint]), node("c", unschedulable=True)]
    busy = there("one", "two")

    assert fitting(constrained(spread(HOST)), nodes, busy) == []
    honouring = spread(HOST, nodeTaintsPolicy="Honor")
    assert fitting(constrained(honouring), nodes, busy) == ["one", "two"]


def test_a_soft_constraint_prefers_the_emptier_domain() -> None:
    """It refuses nothing; nodes without the label come last."""
    soft = constrained(spread(ZONE, way="ScheduleAnyway"))
    nodes = [node("bare"), *NODES]

    assert fitting(soft, nodes, there("one")) == ["bare", "one", "two", "three"]
    assert placed([soft], nodes, there("one")) == {"a": "three"}
    assert placed([soft], nodes[:2], there("one")) == {"a": "one"}


def test_pods_of_one_controller_avoid_each_other() -> None:
    """Spreading weighs more than room."""
    nodes = [node("large", cpu="64", memory="64Gi"), node("small", cpu="1")]

    assert placed([waiting("a")], nodes, there("large")) == {"a": "small"}


def test_zones_decide_among_nodes_with_equally_many() -> None:
    """The second pod of a controller goes to the other zone."""
    pods = [waiting("a"), waiting("b")]
    nodes = [*NODES[:2], node("zzz", zone="b")]

    assert set(placed(pods, nodes).values()) == {"one", "zzz"}


def test_zones_do_not_make_nodes_uneven() -> None:
    """Two nodes in one zone and one in another: thirty each."""
    burst = [waiting(f"p{n:02}") for n in range(90)]

    counts = Counter(placed(burst, NODES).values())

    assert counts == {"one": 30, "two": 30, "three": 30}


def test_a_burst_is_spread_exactly_over_unequal_nodes() -> None:
    """Neither size nor images nor requests make a difference of more than one pod."""
    nodes = [
        node("large", cpu="64", memory="256Gi", images={"kubia": 900 << 20}),
        node("small", cpu="4", memory="8Gi"),
        node("middle", cpu="16", memory="8Gi"),
    ]
    container = {
        "name": "app",
        "image": "kubia",
        "resources": {"requests": {"cpu": "50m", "memory": "20Mi"}},
    }
    burst = [waiting(f"p{n:02}", containers=[container]) for n in range(91)]

    counts = Counter(placed(burst, nodes).values())

    assert sorted(counts.values()) == [30, 30, 31]
