"""Taints and tolerations, cordoned nodes, nodes that are not ready."""

from typing import Any

import pytest

from supervisor.controllers.scheduling.base import Reasons
from supervisor.model.pod import Pod
from tests.unit.controllers.build import waiting
from tests.unit.controllers.scheduling.judging import fitting, judged, node, placed

TAINT = {"key": "disk", "value": "slow", "effect": "NoSchedule"}


def against(pod: Pod, **what: Any) -> Reasons:
    return judged(pod, [node("node", **what)]).get("node", ())


def tolerating(key: str) -> Pod:
    return waiting("a", tolerations=[{"key": key, "operator": "Exists"}])


def test_an_empty_ready_node_takes_any_pod() -> None:
    """Nothing speaks against it."""
    assert against(waiting("a")) == ()


def test_a_cordoned_node_takes_only_pods_that_tolerate_it() -> None:
    """Cordoning is like a taint."""
    bold = tolerating("node.kubernetes.io/unschedulable")

    assert against(waiting("a"), unschedulable=True) == ("node(s) were unschedulable",)
    assert against(bold, unschedulable=True) == ()


@pytest.mark.parametrize(
    ("ready", "taint"), [("False", "not-ready"), ("Unknown", "unreachable")]
)
def test_a_node_that_is_not_ready_takes_nothing(ready: str, taint: str) -> None:
    """Silence is as bad as a no, except for those that tolerate just that."""
    other = "unreachable" if taint == "not-ready" else "not-ready"
    reasons = ("node(s) were not ready",)

    assert against(waiting("a"), ready=ready) == reasons
    assert against(tolerating(f"node.kubernetes.io/{other}"), ready=ready) == reasons
    assert against(tolerating(f"node.kubernetes.io/{taint}"), ready=ready) == ()


@pytest.mark.parametrize(
    ("toleration", "tolerates"),
    [
        ({"key": "disk", "value": "slow"}, True),
        ({"key": "disk", "value": "slow", "effect": "NoSchedule"}, True),
        ({"key": "disk", "operator": "Exists"}, True),
        ({"operator": "Exists"}, True),
        ({"key": "disk", "value": "fast"}, False),
        ({"key": "other", "operator": "Exists"}, False),
        ({"key": "disk", "value": "slow", "effect": "NoExecute"}, False),
    ],
)
@pytest.mark.parametrize("effect", ["NoSchedule", "NoExecute"])
def test_a_taint_must_be_tolerated(
    toleration: dict[str, str], tolerates: bool, effect: str
) -> None:
    """By key, operator, value and effect; what is empty stands for every one."""
    if toleration.get("effect"):
        swapped = {"NoSchedule": effect}.get(toleration["effect"], "PreferNoSchedule")
        toleration = toleration | {"effect": swapped}
    pod = waiting("a", tolerations=[toleration])

    found = against(pod, taints=[TAINT | {"effect": effect}])

    reason = "node(s) had untolerated taint {disk: slow}"
    assert found == (() if tolerates else (reason,))


def test_a_taint_that_only_prefers_makes_a_node_the_last_choice() -> None:
    """PreferNoSchedule is no reason against a node, but others are taken first."""
    mild = node("a-mild", taints=[TAINT | {"effect": "PreferNoSchedule"}])
    other = node("b-other")
    bold = waiting("a", tolerations=[{"key": "disk", "operator": "Exists"}])

    assert fitting(waiting("a"), [mild]) == ["a-mild"]
    assert placed([waiting("a")], [mild, other]) == {"a": "b-other"}
    assert placed([bold], [mild, other]) == {"a": "a-mild"}
