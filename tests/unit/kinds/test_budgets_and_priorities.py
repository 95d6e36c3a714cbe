"""PodDisruptionBudgets, PriorityClasses and ServiceAccounts as objects."""

import pytest

from supervisor.api.registry import Registry
from supervisor.app import initial_objects
from supervisor.kinds.all import CATALOG
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.store.sqlite.store import SqliteStore
from tests import kinds
from tests.fakes.clock import FakeClock

BUDGET = "poddisruptionbudgets.policy"
PRIORITY = "priorityclasses.scheduling.k8s.io"
ACCOUNT = "serviceaccounts"
EMPTY = "pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match"


def budget(**spec: object) -> Object:
    return {"metadata": {"name": "x", "namespace": "default"}, "spec": dict(spec)}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"minAvailable": 1, "selector": {"matchLabels": {"app": "x"}}}, []),
        ({"maxUnavailable": "30%"}, []),
        (
            {"minAvailable": 1, "maxUnavailable": 2},
            [
                'spec: Invalid value: {"MinAvailable":1,"Selector":null,'
                '"MaxUnavailable":2,"UnhealthyPodEvictionPolicy":null}: '
                "minAvailable and maxUnavailable cannot be both set"
            ],
        ),
        (
            {"minAvailable": "101%"},
            ['spec.minAvailable: Invalid value: "101%": must not be greater than 100%'],
        ),
        (
            {"maxUnavailable": -1, "unhealthyPodEvictionPolicy": "Sometimes"},
            [
                "spec.maxUnavailable: Invalid value: -1: "
                "must be greater than or equal to 0",
                "spec.unhealthyPodEvictionPolicy: Unsupported value: "
                '"Sometimes": supported values: "AlwaysAllow", "IfHealthyBudget"',
            ],
        ),
    ],
)
def test_what_is_wrong_with_a_budget_is_named(
    spec: Object, expected: list[str]
) -> None:
    """In upstream's words."""
    obj = kinds.read(BUDGET, budget(**spec))

    assert [str(error) for error in kinds.on_create(BUDGET, obj)] == expected


@pytest.mark.parametrize(
    ("shown", "stored"),
    [
        ({}, {"matchExpressions": [{"key": EMPTY, "operator": "Exists"}]}),
        ({"matchExpressions": [{"key": EMPTY, "operator": "DoesNotExist"}]}, {}),
        ({"matchLabels": {"app": "x"}}, {"matchLabels": {"app": "x"}}),
    ],
)
def test_an_empty_selector_matched_nothing_once(shown: Object, stored: Object) -> None:
    """In policy/v1 it matches everything."""
    given = budget(maxUnavailable=1, selector=shown)

    found = kinds.read(BUDGET, given, "policy/v1beta1")

    assert found["spec"]["selector"] == stored
    again = kinds.shown(BUDGET, found, "policy/v1beta1")
    assert again["spec"]["selector"] == shown


def test_a_budget_is_shown_as_kubectl_does() -> None:
    """What it asks for, and what it allows now."""
    obj = budget(maxUnavailable=1, selector={"matchLabels": {"app": "x"}})
    obj["status"] = {"disruptionsAllowed": 1, "expectedPods": 3}

    assert kinds.column_names(BUDGET) == (
        "Name Min_Available Max_Unavailable Allowed_Disruptions Age"
    )
    assert list(kinds.cells(BUDGET, obj, 0.0).values()) == [
        "x", "N/A", "1", 1, "<unknown>",
    ]  # fmt: skip
    assert kinds.described(BUDGET, obj) == (
        "Name:             x\n"
        "Namespace:        default\n"
        "Max unavailable:  1\n"
        "Selector:         app=x\n"
        "Status:\n"
        "    Allowed disruptions:  1\n"
        "    Current:              0\n"
        "    Desired:              0\n"
        "    Total:                3\n"
        "Events:                   <none>\n"
    )


def test_a_budget_counts_no_pods_below_zero() -> None:
    """Its status comes from a controller."""
    new = budget() | {"status": {"currentHealthy": -1}}

    assert [str(e) for e in kinds.on_status_update(BUDGET, new, new)] == [
        "status.currentHealthy: Invalid value: -1: must be greater than or equal to 0"
    ]


def priority(name: str = "x", **fields: object) -> Object:
    return {"metadata": {"name": name}, "value": 7} | fields


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        (priority(), []),
        (
            priority(value=1_000_000_001),
            [
                "value: Forbidden: maximum allowed value of a user defined priority "
                "is 1000000000"
            ],
        ),
        (
            priority(preemptionPolicy="Always"),
            [
                'preemptionPolicy: Unsupported value: "Always": '
                'supported values: "PreemptLowerPriority", "Never"'
            ],
        ),
        (
            priority("system-mine"),
            [
                "metadata.name: Forbidden: priority class names with 'system-' prefix "
                "are reserved for system use only. error: system-mine is not a known "
                "system priority class"
            ],
        ),
        (
            priority("system-node-critical"),
            [
                "metadata.name: Forbidden: priority class names with 'system-' prefix "
                "are reserved for system use only. error: value of "
                "system-node-critical PriorityClass must be 2000001000"
            ],
        ),
    ],
)
def test_what_is_wrong_with_a_priority_is_named(
    obj: Object, expected: list[str]
) -> None:
    """In upstream's words."""
    made = kinds.read(PRIORITY, obj)

    assert [str(error) for error in kinds.on_create(PRIORITY, made)] == expected


def test_a_priority_never_changes() -> None:
    """Pods have it already."""
    old = kinds.read(PRIORITY, priority())
    new = old | {"value": 8, "preemptionPolicy": "Never"}

    assert [str(error) for error in kinds.on_update(PRIORITY, new, old)] == [
        "value: Forbidden: may not be changed in an update.",
        'preemptionPolicy: Invalid value: "Never": field is immutable',
    ]


def test_the_first_version_of_a_priority_is_the_same() -> None:
    """In all but its name."""
    version = "scheduling.k8s.io/v1beta1"
    stored = kinds.read(PRIORITY, priority(), version)

    assert kinds.read(PRIORITY, kinds.shown(PRIORITY, stored, version), version) == (
        stored
    )


def test_two_priorities_are_always_there() -> None:
    """Nobody can delete them."""
    registry = Registry(SqliteStore(":memory:"), FakeClock())
    for _ in range(2):
        initial_objects.ensure(registry)
    found = registry.list(PRIORITY).items

    assert {obj["metadata"]["name"]: obj["value"] for obj in found} == {
        "system-cluster-critical": 2_000_000_000,
        "system-node-critical": 2_000_001_000,
    }
    with pytest.raises(ApiError) as caught:
        registry.delete(PRIORITY, "system-node-critical", "")
    assert caught.value.code == 403
    assert str(caught.value).endswith(
        "this is a system priority class and cannot be deleted"
    )


def test_a_priority_is_shown_as_kubectl_does() -> None:
    """Its value, and whether it is the default."""
    obj = kinds.read(PRIORITY, priority(globalDefault=True, description="Mine."))

    assert kinds.column_names(PRIORITY) == (
        "Name Value Global-Default Age PreemptionPolicy*"
    )
    assert list(kinds.cells(PRIORITY, obj, 0.0).values()) == [
        "x", 7, True, "<unknown>", "PreemptLowerPriority",
    ]  # fmt: skip
    assert kinds.described(PRIORITY, obj) == (
        "Name:              x\n"
        "Value:             7\n"
        "GlobalDefault:     true\n"
        "PreemptionPolicy:  PreemptLowerPriority\n"
        "Description:       Mine.\n"
        "Annotations:       <none>\n"
        "Events:            <none>\n"
    )


def test_an_account_shows_its_secrets_for_images() -> None:
    """As kubectl does."""
    secrets = [{"name": "a"}, {"name": "b"}]
    obj = {
        "metadata": {"name": "x", "namespace": "default"},
        "imagePullSecrets": secrets,
    }

    assert kinds.on_create(ACCOUNT, obj) == []
    assert CATALOG.kind(ACCOUNT).short_names == ("sa",)
    assert kinds.described(ACCOUNT, obj) == (
        "Name:                x\n"
        "Namespace:           default\n"
        "Labels:              <none>\n"
        "Annotations:         <none>\n"
        "Image pull secrets:  a\n"
        "                     b\n"
        "Events:              <none>\n"
    )
