"""Nodes that a pod asks for by their labels and names."""

from typing import Any

import pytest

from supervisor.model.pod import Pod
from tests.unit.controllers.build import waiting
from tests.unit.controllers.scheduling.judging import (
    PREFERRED,
    REQUIRED,
    fitting,
    judged,
    node,
    placed,
)

NODES = [
    node("one", labels={"disk": "ssd", "cores": "8"}),
    node("two", labels={"disk": "hdd", "cores": "16"}),
    node("three"),
]


def requiring(*terms: Any) -> Pod:
    affinity = {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": list(terms)}}}
    return waiting("a", affinity=affinity)


def expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": operator, "values": list(values)}


def test_the_node_needs_all_labels_that_the_pod_selects() -> None:
    """One missing label is enough to object."""
    pod = waiting("a", nodeSelector={"disk": "ssd", "cores": "8"})
    reason = ("node(s) didn't match Pod's node affinity/selector",)

    assert judged(pod, NODES) == {"two": reason, "three": reason}


@pytest.mark.parametrize(
    ("requirement", "fits"),
    [
        (expression("disk", "In", "ssd", "nvme"), ["one"]),
        (expression("disk", "NotIn", "ssd"), ["two", "three"]),
        (expression("disk", "Exists"), ["one", "two"]),
        (expression("disk", "DoesNotExist"), ["three"]),
        (expression("cores", "Gt", "8"), ["two"]),
        (expression("cores", "Lt", "16"), ["one"]),
        (expression("disk", "Gt", "8"), []),
    ],
)
def test_every_operator_means_what_it_means_upstream(
    requirement: dict[str, Any], fits: list[str]
) -> None:
    """NotIn and DoesNotExist match where the label is absent; Gt and Lt do not."""
    assert fitting(requiring({"matchExpressions": [requirement]}), NODES) == fits


def test_one_term_is_enough_and_needs_all_of_its_requirements() -> None:
    """Terms are alternatives; requirements of one are not."""
    both = [expression("disk", "Exists"), expression("cores", "Gt", "8")]
    bare = [expression("disk", "DoesNotExist")]

    pod = requiring({"matchExpressions": both}, {"matchExpressions": bare})

    assert fitting(pod, NODES) == ["two", "three"]


@pytest.mark.parametrize(
    ("operator", "fits"), [("In", ["two"]), ("NotIn", ["one", "three"])]
)
def test_a_node_can_be_asked_for_by_name(operator: str, fits: list[str]) -> None:
    """The field metadata.name, as daemon pods use it."""
    fields = [expression("metadata.name", operator, "two")]

    assert fitting(requiring({"matchFields": fields}), NODES) == fits


def test_a_term_that_says_nothing_matches_no_node() -> None:
    """An empty term is no wildcard."""
    assert fitting(requiring({}), NODES) == []


def test_selector_and_affinity_must_both_hold() -> None:
    """One does not replace the other."""
    affinity = {
        "nodeAffinity": {
            REQUIRED: {
                "nodeSelectorTerms": [
                    {"matchExpressions": [expression("cores", "Exists")]}
                ]
            }
        }
    }
    pod = waiting("a", nodeSelector={"disk": "hdd"}, affinity=affinity)

    assert fitting(pod, NODES) == ["two"]


def preferring(name: str, *wishes: tuple[int, dict[str, Any]], **what: Any) -> Pod:
    preferred = [
        {"weight": weight, "preference": {"matchExpressions": [requirement]}}
        for weight, requirement in wishes
    ]
    affinity = {"nodeAffinity": {PREFERRED: preferred}}
    return waiting(name, affinity=affinity, **what)


def test_the_node_with_the_weightiest_wishes_is_taken() -> None:
    """Weights add up; a node without them is only worse."""
    pod = preferring(
        "a",
        (60, expression("disk", "In", "ssd")),
        (40, expression("cores", "Gt", "8")),
        (30, expression("disk", "In", "hdd")),
    )

    assert placed([pod], NODES) == {"a": "two"}
    assert placed([pod], NODES[2:]) == {"a": "three"}


def test_a_preference_for_nodes_outweighs_spreading() -> None:
    """Pods of one controller gather where they would rather be."""
    ssd = (100, expression("disk", "In", "ssd"))
    pods = [preferring(f"p{n}", ssd) for n in range(5)]

    assert set(placed(pods, NODES).values()) == {"one"}
