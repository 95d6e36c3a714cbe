"""Validation of affinity and topology spread constraints."""

from typing import Any

import pytest

from supervisor.model import schema
from supervisor.model.affinity import PREFERRED, REQUIRED
from supervisor.model.meta import Object, decode
from supervisor.model.pod import Pod
from tests import kinds

APP = {"name": "app", "image": "kubia:1"}
NODE = f"spec.affinity.nodeAffinity.{REQUIRED}.nodeSelectorTerms"
NEAR = f"spec.affinity.podAffinity.{REQUIRED}[0]"
SPREAD = "spec.topologySpreadConstraints[0]"
NAME = "name part must be non-empty"


def pod(**spec: object) -> Object:
    meta = {"name": "web", "namespace": "default"}
    found: Object = {"metadata": meta, "spec": {"containers": [APP]} | spec}
    kinds.complete("pods", found)
    return found


def wrong(**spec: object) -> list[str]:
    return [str(error) for error in kinds.on_create("pods", pod(**spec))]


def about_node(**requirement: Any) -> list[str]:
    term = {"matchExpressions": [{"key": "disk"} | requirement]}
    return requiring(term)


def requiring(*terms: Object) -> list[str]:
    required = {REQUIRED: {"nodeSelectorTerms": list(terms)}}
    return wrong(affinity={"nodeAffinity": required})


def about_pods(**term: Any) -> list[str]:
    given = {"topologyKey": "kubernetes.io/hostname"} | term
    return wrong(affinity={"podAffinity": {REQUIRED: [given]}})


def about_spread(**constraint: Any) -> list[str]:
    whole = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
    return wrong(topologySpreadConstraints=[whole | constraint])


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        (
            {"operator": "In"},
            "values: Required value: must be specified when `operator` is 'In' or "
            "'NotIn'",
        ),
        (
            {"operator": "Exists", "values": ["x"]},
            "values: Forbidden: may not be specified when `operator` is 'Exists' or "
            "'DoesNotExist'",
        ),
        (
            {"operator": "Gt", "values": ["1", "2"]},
            "values: Required value: must be specified single value when `operator` is "
            "'Lt' or 'Gt'",
        ),
        (
            {"operator": "Lt", "values": ["few"]},
            "values[0]: Invalid value: \"few\": for 'Gt', 'Lt' operators, the value "
            "must be an integer",
        ),
        (
            {"operator": "Like", "values": ["x"]},
            'operator: Invalid value: "Like": not a valid selector operator',
        ),
    ],
)
def test_requirements_on_nodes(requirement: Object, expected: str) -> None:
    """Each operator requires a certain number of values."""
    assert about_node(**requirement) == [f"{NODE}[0].matchExpressions[0].{expected}"]


def test_required_node_affinity_has_terms() -> None:
    """Without terms, no node could match."""
    detail = "must have at least one node selector term"
    assert requiring() == [f"{NODE}: Required value: {detail}"]


def test_nodes_are_selected_by_no_field_but_their_name() -> None:
    """And by one name at a time."""
    path = f"{NODE}[0].matchFields[0]"
    names = {"key": "metadata.name", "operator": "In", "values": ["a", "b"]}
    label = {"key": "spec.podCIDR", "operator": "Exists"}

    assert requiring({"matchFields": [names]}) == [
        f"{path}.values: Required value: must be only one value when `operator` is "
        "'In' or 'NotIn' for node field selector"
    ]
    assert requiring({"matchFields": [label]}) == [
        f'{path}.operator: Invalid value: "Exists": not a valid selector operator',
        f'{path}.key: Invalid value: "spec.podCIDR": not a valid field selector key',
    ]


@pytest.mark.parametrize("weight", [0, 101, -1])
def test_weights_are_from_1_to_100(weight: int) -> None:
    """For nodes and pods, affinity and anti-affinity."""
    term = {"topologyKey": "zone"}
    preferred = [{"weight": weight, "podAffinityTerm": term, "preference": {}}]
    affinity = {
        kind: {PREFERRED: preferred}
        for kind in ("nodeAffinity", "podAffinity", "podAntiAffinity")
    }

    assert wrong(affinity=affinity) == [
        f"spec.affinity.{kind}.{PREFERRED}[0].weight: Invalid value: {weight}: "
        "must be in the range 1-100"
        for kind in affinity
    ]


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ({"topologyKey": ""}, ["topologyKey: Required value: can not be empty"]),
        (
            {"namespaces": ["a.b"]},
            ['namespaces[0]: Invalid value: "a.b": must not contain dots'],
        ),
        (
            {"labelSelector": {"matchExpressions": [{"key": "a", "operator": "Gt"}]}},
            [
                "labelSelector.matchExpressions[0].operator: Invalid value: "
                '"Gt": not a valid selector operator'
            ],
        ),
        (
            {
                "namespaceSelector": {
                    "matchExpressions": [{"key": "a", "operator": "In"}]
                }
            },
            [
                "namespaceSelector.matchExpressions[0].values: Required value: "
                "must be specified when `operator` is 'In' or 'NotIn'"
            ],
        ),
    ],
)
def test_pod_affinity_terms(term: Object, expected: list[str]) -> None:
    """The topology key is required; selectors are validated."""
    assert about_pods(**term) == [f"{NEAR}.{text}" for text in expected]


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ({"maxSkew": 0}, "maxSkew: Invalid value: 0: must be greater than zero"),
        ({"topologyKey": ""}, "topologyKey: Required value: can not be empty"),
        (
            {"whenUnsatisfiable": "Never"},
            'whenUnsatisfiable: Unsupported value: "Never": supported values: '
            '"DoNotSchedule", "ScheduleAnyway"',
        ),
        ({"minDomains": 0}, "minDomains: Invalid value: 0: must be greater than zero"),
        (
            {"minDomains": 2, "whenUnsatisfiable": "ScheduleAnyway"},
            "minDomains: Invalid value: 2: can only use minDomains if "
            "whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway",
        ),
        (
            {"nodeTaintsPolicy": "Maybe"},
            'nodeTaintsPolicy: Unsupported value: "Maybe": supported values: '
            '"Honor", "Ignore"',
        ),
        (
            {"labelSelector": {"matchLabels": {"a": "b c"}}},
            'labelSelector.matchLabels: Invalid value: "b c": ',
        ),
    ],
)
def test_topology_spread_constraints(constraint: Object, expected: str) -> None:
    """Every field is validated."""
    (found,) = about_spread(**constraint)

    assert found.startswith(f"{SPREAD}.{expected}")


def test_duplicate_constraints_are_refused() -> None:
    """Two constraints with one key and one mode could contradict each other."""
    one = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}

    assert wrong(topologySpreadConstraints=[one, one | {"maxSkew": 2}]) == [
        "spec.topologySpreadConstraints[1].{topologyKey, whenUnsatisfiable}: "
        'Duplicate value: "{zone, DoNotSchedule}"'
    ]


def test_affinity_is_supported_and_decoded() -> None:
    """Without warnings, except for matchLabelKeys."""
    selector = {"matchExpressions": [{"key": "a", "operator": "Exists"}]}
    term = {
        "topologyKey": "zone",
        "labelSelector": selector,
        "namespaceSelector": {},
        "namespaces": ["x"],
    }
    terms = {
        REQUIRED: [term],
        PREFERRED: [{"weight": 1, "podAffinityTerm": term}],
    }
    constraint = {
        "maxSkew": 1,
        "topologyKey": "zone",
        "whenUnsatisfiable": "DoNotSchedule",
        "minDomains": 2,
        "labelSelector": selector,
        "nodeAffinityPolicy": "Ignore",
        "nodeTaintsPolicy": "Honor",
        "matchLabelKeys": ["a"],
    }
    found = pod(
        affinity={"podAffinity": terms, "podAntiAffinity": terms},
        topologySpreadConstraints=[constraint],
    )
    type_ = schema.lookup("v1", "Pod")
    assert type_ is not None

    assert not kinds.on_create("pods", found)
    ignored = schema.unhonoured(found, type_, Pod)
    assert [path for path in ignored if not path.endswith("enableServiceLinks")] == [
        "spec.topologySpreadConstraints[0].matchLabelKeys"
    ]
    assert decode(Pod, found).spec.topology_spread_constraints[0].min_domains == 2
