"""Deployments as objects: defaults, rules, older versions, columns, description."""

from copy import deepcopy

import pytest

from supervisor.kinds.all import CATALOG
from supervisor.model import times
from supervisor.model.meta import Object
from tests import kinds
from tests.unit.kinds.test_replicasets import LABELS, SELECTOR, replica_set, template

DEPLOYMENT = "deployments.apps"
NOW = times.to_seconds("2026-01-01T01:00:00Z")
ROLLBACK = "deprecated.deployment.rollback.to"


def deployment(**spec: object) -> Object:
    return replica_set(**spec)


def problems(**spec: object) -> list[str]:
    obj = kinds.read(DEPLOYMENT, deployment(**spec))
    return [str(error) for error in kinds.on_create(DEPLOYMENT, obj)]


def strategy(**bounds: object) -> Object:
    return {"type": "RollingUpdate", "rollingUpdate": bounds}


def test_a_quarter_may_be_missing_and_a_quarter_too_many() -> None:
    """One pod, ten revisions and ten minutes are upstream's defaults."""
    spec = kinds.read(DEPLOYMENT, deployment())["spec"]

    assert {k: v for k, v in spec.items() if k not in ("template", "selector")} == {
        "replicas": 1,
        "strategy": strategy(maxUnavailable="25%", maxSurge="25%"),
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    }


def test_a_deployment_that_recreates_has_no_bounds() -> None:
    """Only a rolling update has them."""
    spec = kinds.read(DEPLOYMENT, deployment(strategy={"type": "Recreate"}))["spec"]

    assert spec["strategy"] == {"type": "Recreate"}


_BOUNDS = "spec.strategy.rollingUpdate"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, []),
        ({"strategy": strategy(maxUnavailable=0, maxSurge="1%")}, []),
        (
            {"selector": None},
            [
                "spec.selector: Required value",
                'spec.template.metadata.labels: Invalid value: {"app":"kubia"}: '
                "`selector` does not match template `labels`",
            ],
        ),
        (
            {"strategy": {"type": "Blue"}},
            [
                'spec.strategy: Unsupported value: {"Type":"Blue",'
                '"RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"'
            ],
        ),
        (
            {"strategy": {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}},
            [
                f"{_BOUNDS}: Forbidden: may not be specified when strategy `type` is "
                "'Recreate'"
            ],
        ),
        (
            {"strategy": strategy(maxUnavailable=0, maxSurge="0%")},
            [
                f"{_BOUNDS}.maxUnavailable: Invalid value: 0: "
                "may not be 0 when `maxSurge` is 0"
            ],
        ),
        (
            {"strategy": strategy(maxUnavailable="101%", maxSurge=-1)},
            [
                f"{_BOUNDS}.maxSurge: Invalid value: -1: "
                "must be greater than or equal to 0",
                f'{_BOUNDS}.maxUnavailable: Invalid value: "101%": '
                "must not be greater than 100%",
            ],
        ),
        (
            {"strategy": strategy(maxSurge="many")},
            [
                f'{_BOUNDS}.maxSurge: Invalid value: "many": a valid percent string '
                "must be a numeric string followed by an ending '%' (e.g. '1%',  or "
                "'93%', regex used for validation is '[0-9]+%')"
            ],
        ),
        (
            {"progressDeadlineSeconds": 5, "minReadySeconds": 5},
            [
                "spec.progressDeadlineSeconds: Invalid value: 5: "
                "must be greater than minReadySeconds"
            ],
        ),
        (
            {"revisionHistoryLimit": -1},
            [
                "spec.revisionHistoryLimit: Invalid value: -1: "
                "must be greater than or equal to 0"
            ],
        ),
        (
            {"template": template(activeDeadlineSeconds=5)},
            [
                "spec.template.spec.activeDeadlineSeconds: Forbidden: "
                "activeDeadlineSeconds in ReplicaSet is not Supported"
            ],
        ),
    ],
)
def test_what_is_wrong_is_named(spec: Object, expected: list[str]) -> None:
    """In upstream's words."""
    assert problems(**spec) == expected


def test_the_selector_never_changes() -> None:
    """The ReplicaSets of the old one would be left alone."""
    old = kinds.read(DEPLOYMENT, deployment())
    new = kinds.read(
        DEPLOYMENT, deployment(selector={"matchLabels": LABELS | {"a": "b"}})
    )

    found = [str(error) for error in kinds.on_update(DEPLOYMENT, new, old)]

    assert found[-1] == (
        'spec.selector: Invalid value: {"matchLabels":{"app":"kubia","a":"b"}}: '
        "field is immutable"
    )


def test_a_change_of_annotations_makes_a_new_generation() -> None:
    """Its controller copies them to ReplicaSets."""
    old = kinds.read(DEPLOYMENT, deployment())
    old["metadata"]["generation"] = 4
    annotated, scaled, same = (deepcopy(old) for _ in range(3))
    annotated["metadata"]["annotations"] = {"a": "b"}
    scaled["metadata"]["annotations"] = {"a": "b"}
    scaled["spec"]["replicas"] = 7

    for new in (annotated, scaled, same):
        kinds.prepare_update(DEPLOYMENT, new, old)

    generations = [o["metadata"]["generation"] for o in (annotated, scaled, same)]
    assert generations == [5, 5, 4]


def test_a_write_of_the_status_keeps_the_labels() -> None:
    """As upstream keeps them."""
    old = kinds.read(DEPLOYMENT, deployment())
    old["metadata"]["labels"] = {"a": "b"}
    new = deepcopy(old) | {"status": {"replicas": 1}}
    new["metadata"]["labels"] = {}

    kinds.prepare_status_update(DEPLOYMENT, new, old)

    assert new["metadata"]["labels"] == {"a": "b"}
    assert new["status"] == {"replicas": 1}


def test_collisions_are_only_counted_up() -> None:
    """A hash that was taken stays taken."""
    old = deployment() | {"status": {"collisionCount": 2}}
    new = deployment() | {"status": {}}

    assert [str(e) for e in kinds.on_status_update(DEPLOYMENT, new, old)] == [
        "status.collisionCount: Invalid value: 0: cannot be decremented"
    ]


@pytest.mark.parametrize(
    ("version", "unavailable", "history", "deadline"),
    [
        ("extensions/v1beta1", 1, 2**31 - 1, 2**31 - 1),
        ("apps/v1beta1", "25%", 2, 600),
        ("apps/v1beta2", "25%", 10, 600),
    ],
)
def test_each_older_version_has_its_own_defaults(
    version: str, unavailable: int | str, history: int, deadline: int
) -> None:
    """The oldest ones also take selector and labels from the template."""
    given = deployment(selector=SELECTOR if version == "apps/v1beta2" else None)

    found = kinds.read(DEPLOYMENT, given, version)

    bounds = found["spec"]["strategy"]["rollingUpdate"]
    assert bounds == {"maxUnavailable": unavailable, "maxSurge": unavailable}
    assert found["spec"]["revisionHistoryLimit"] == history
    assert found["spec"]["progressDeadlineSeconds"] == deadline
    assert found["spec"]["selector"] == SELECTOR
    assert found["metadata"].get("labels") == (
        None if version == "apps/v1beta2" else LABELS
    )
    assert kinds.on_create(DEPLOYMENT, found) == []


@pytest.mark.parametrize("version", ["extensions/v1beta1", "apps/v1beta1"])
def test_a_wanted_rollback_is_kept_and_warned_about(version: str) -> None:
    """It is an annotation in versions without the field, as upstream has it."""
    given = deployment(rollbackTo={"revision": 3})

    stored = kinds.read(DEPLOYMENT, given, version)

    assert stored["metadata"]["annotations"] == {ROLLBACK: "3"}
    assert "rollbackTo" not in stored["spec"]
    assert CATALOG.kind(DEPLOYMENT).rules.warnings(stored) == [
        "spec.rollbackTo: not supported, ignored; use kubectl rollout undo"
    ]
    again = kinds.shown(DEPLOYMENT, stored, version)
    assert again["spec"]["rollbackTo"] == {"revision": 3}
    assert "annotations" not in again["metadata"]


@pytest.mark.parametrize(
    "version", ["extensions/v1beta1", "apps/v1beta1", "apps/v1beta2"]
)
def test_an_older_version_is_read_as_it_was_shown(version: str) -> None:
    """And back again."""
    stored = kinds.read(DEPLOYMENT, deployment(paused=True), version)

    again = kinds.read(DEPLOYMENT, kinds.shown(DEPLOYMENT, stored, version), version)

    assert again == stored
    assert CATALOG.kind(DEPLOYMENT).rules.warnings(stored) == []


def test_columns_are_upstreams() -> None:
    """How many are ready, of how many."""
    status = {"readyReplicas": 1, "updatedReplicas": 2, "availableReplicas": 1}
    obj = deployment(replicas=3) | {"status": status}

    assert kinds.column_names(DEPLOYMENT) == (
        "Name Ready Up-to-date Available Age Containers* Images* Selector*"
    )
    assert list(kinds.cells(DEPLOYMENT, obj, NOW).values()) == [
        "x", "1/3", 2, 1, "<unknown>", "app", "kubia:1", "app=kubia",
    ]  # fmt: skip


def test_it_is_described_with_its_replica_sets() -> None:
    """The new one has the present template."""
    obj = kinds.read(DEPLOYMENT, deployment(replicas=3))
    obj["metadata"] |= {"uid": "u", "creationTimestamp": "2026-01-01T00:00:00Z"}
    obj["status"] = {"replicas": 3, "updatedReplicas": 1, "unavailableReplicas": 3}
    sets = []
    for name, found in (("new", obj["spec"]["template"]), ("old", template())):
        made = replica_set(replicas=1, template=found) | {"status": {"replicas": 1}}
        made["metadata"] |= {
            "name": name,
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "ownerReferences": [{"uid": "u", "controller": True}],
        }
        sets.append(made)

    text = kinds.described(DEPLOYMENT, obj, sets)

    assert text.startswith(
        "Name:                   x\n"
        "Namespace:              default\n"
        "CreationTimestamp:      Thu, 01 Jan 2026 00:00:00 +0000\n"
        "Labels:                 <none>\n"
        "Annotations:            <none>\n"
        "Selector:               app=kubia\n"
        "Replicas:               "
        "3 desired | 1 updated | 3 total | 0 available | 3 unavailable\n"
        "StrategyType:           RollingUpdate\n"
        "MinReadySeconds:        0\n"
        "RollingUpdateStrategy:  25% max unavailable, 25% max surge\n"
        "Pod Template:\n"
    )
    assert "OldReplicaSets:    old (1/1 replicas created)\n" in text
    assert "NewReplicaSet:     new (1/1 replicas created)\n" in text
