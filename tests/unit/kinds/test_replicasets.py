"""ReplicaSets as objects: defaults, rules, older versions, columns, description."""

from copy import deepcopy

import pytest

from supervisor.kinds.all import CATALOG
from supervisor.model import times
from supervisor.model.meta import Object
from tests import kinds

RS = "replicasets.apps"
NOW = times.to_seconds("2026-01-01T01:00:00Z")
LABELS = {"app": "kubia"}
SELECTOR = {"matchLabels": LABELS}


def template(**spec: object) -> Object:
    containers = [{"name": "app", "image": "kubia:1"}]
    return {"metadata": {"labels": LABELS}, "spec": {"containers": containers} | spec}


def replica_set(**spec: object) -> Object:
    made = {"selector": SELECTOR, "template": template()} | spec
    meta = {"name": "x", "namespace": "default"}
    return {"metadata": meta, "spec": {k: v for k, v in made.items() if v is not None}}


def problems(**spec: object) -> list[str]:
    obj = kinds.read(RS, replica_set(**spec))
    return [str(error) for error in kinds.on_create(RS, obj)]


def test_one_pod_is_the_default() -> None:
    """And the template is completed; selector and labels are its user's to give."""
    found = kinds.read(RS, replica_set())

    assert found["spec"]["replicas"] == 1
    assert found["spec"]["template"]["spec"]["restartPolicy"] == "Always"
    assert "labels" not in found["metadata"]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, []),
        (
            {"selector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}},
            [],
        ),
        (
            {"selector": None},
            [
                "spec.selector: Required value",
                'spec.template.metadata.labels: Invalid value: {"app":"kubia"}: '
                "`selector` does not match template `labels`",
            ],
        ),
        (
            {"selector": {}},
            [
                "spec.selector: Invalid value: {}: "
                "empty selector is invalid for deployment"
            ],
        ),
        (
            {"selector": {"matchExpressions": [{"key": "app", "operator": "Like"}]}},
            [
                'spec.selector.matchExpressions[0].operator: Invalid value: "Like": '
                "not a valid selector operator",
                "spec.selector: Invalid value: "
                '{"matchExpressions":[{"key":"app","operator":"Like"}]}: '
                "invalid label selector",
            ],
        ),
        (
            {"replicas": -1, "minReadySeconds": -2},
            [
                "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
                "spec.minReadySeconds: Invalid value: -2: "
                "must be greater than or equal to 0",
            ],
        ),
        (
            {"template": template(restartPolicy="Never", activeDeadlineSeconds=5)},
            [
                'spec.template.spec.restartPolicy: Unsupported value: "Never": '
                'supported values: "Always"',
                "spec.template.spec.activeDeadlineSeconds: Forbidden: "
                "activeDeadlineSeconds in ReplicaSet is not Supported",
            ],
        ),
        (
            {"template": template(containers=[])},
            ["spec.template.spec.containers: Required value"],
        ),
    ],
)
def test_what_is_wrong_is_named(spec: Object, expected: list[str]) -> None:
    """In upstream's words; a selector matches the template, and not everything."""
    assert problems(**spec) == expected


def test_the_selector_never_changes() -> None:
    """It would let pods go."""
    old = kinds.read(RS, replica_set())
    new = deepcopy(old)
    new["spec"]["selector"]["matchExpressions"] = [{"key": "app", "operator": "Exists"}]

    [found] = kinds.on_update(RS, new, old)

    assert str(found).startswith("spec.selector: Invalid value: {")
    assert str(found).endswith(": field is immutable")


def test_counts_in_a_status_fit_together() -> None:
    """None is negative, or exceeds what it is a part of."""
    status = {
        "replicas": 2,
        "readyReplicas": 1,
        "availableReplicas": 2,
        "terminatingReplicas": -1,
    }
    new = replica_set() | {"status": status}

    assert [str(e) for e in kinds.on_status_update(RS, new, new)] == [
        "status.terminatingReplicas: Invalid value: -1: "
        "must be greater than or equal to 0",
        "status.availableReplicas: Invalid value: 2: "
        "cannot be greater than readyReplicas",
    ]


def test_extensions_take_selector_and_labels_from_the_template() -> None:
    """apps/v1beta2 does not, as apps/v1 does not."""
    given = replica_set(selector=None)

    found = kinds.read(RS, given, "extensions/v1beta1")
    newer = kinds.read(RS, given, "apps/v1beta2")

    assert found["apiVersion"] == "apps/v1"
    assert found["spec"]["selector"] == SELECTOR
    assert found["metadata"]["labels"] == LABELS
    assert "selector" not in newer["spec"] and "labels" not in newer["metadata"]


@pytest.mark.parametrize("version", ["apps/v1beta2", "extensions/v1beta1"])
def test_an_older_version_is_read_as_it_was_shown(version: str) -> None:
    """And back again."""
    stored = kinds.read(RS, replica_set(replicas=3), version)

    again = kinds.read(RS, kinds.shown(RS, stored, version), version)

    assert again == stored


def test_what_another_controller_makes_is_not_marked_again() -> None:
    """A default `Always` from a Deployment's template is not its user's word."""
    made = replica_set(
        template=template(
            containers=[{"name": "a", "image": "i", "imagePullPolicy": "Always"}]
        )
    )
    own = deepcopy(made)
    made["metadata"]["ownerReferences"] = [{"controller": True}]
    for each in (made, own):
        kinds.admit(RS, each)

    assert "annotations" not in made["spec"]["template"]["metadata"]
    assert "annotations" in own["spec"]["template"]["metadata"]


def test_a_write_without_the_mark_keeps_it() -> None:
    """Else each `kubectl replace` would change the template."""
    marks = {"supervisor.io/strict-pull": "app"}
    old, new = replica_set(), replica_set()
    old["spec"]["template"]["metadata"]["annotations"] = marks

    kinds.prepare_update(RS, new, deepcopy(old))

    assert new["spec"]["template"]["metadata"]["annotations"] == marks


def test_columns_are_upstreams() -> None:
    """What is desired, what is there; containers and selector with -o wide."""
    status = {"replicas": 2, "readyReplicas": 1}
    obj = replica_set(replicas=3) | {"status": status}

    assert kinds.column_names(RS) == (
        "Name Desired Current Ready Age Containers* Images* Selector*"
    )
    assert list(kinds.cells(RS, obj, NOW).values()) == [
        "x", 3, 2, 1, "<unknown>", "app", "kubia:1", "app=kubia",
    ]  # fmt: skip


def test_it_is_selected_by_its_replicas_and_scaled() -> None:
    """The scale has the selector as text."""
    kind = CATALOG.kind(RS)
    scale = kind.subresource("scale")
    expressions = [{"key": "app", "operator": "In", "values": ["b", "a"]}]
    obj = replica_set(selector={"matchExpressions": expressions})

    assert "status.replicas" in kind.fields.paths
    assert scale is not None and scale.scale is not None
    assert scale.scale.selector(obj) == "app in (a,b)"
    assert scale.scale.selector(replica_set(selector=None)) == ""


def test_it_is_described_as_kubectl_does() -> None:
    """With its controller, its pods' phases and its conditions."""
    obj = replica_set(replicas=3)
    obj["metadata"] |= {
        "uid": "u",
        "ownerReferences": [{"controller": True, "kind": "Deployment", "name": "d"}],
    }
    reason = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate"}
    obj["status"] = {"replicas": 1, "conditions": [reason]}
    owner = {"uid": "u", "controller": True}
    pod = {
        "metadata": {"ownerReferences": [owner]},
        "status": {"phase": "Running"},
    }

    text = kinds.described(RS, obj, [pod])

    assert text.startswith(
        "Name:           x\n"
        "Namespace:      default\n"
        "Selector:       app=kubia\n"
        "Labels:         <none>\n"
        "Annotations:    <none>\n"
        "Controlled By:  Deployment/d\n"
        "Replicas:       1 current / 3 desired\n"
        "Pods Status:    1 Running / 0 Waiting / 0 Succeeded / 0 Failed\n"
        "Pod Template:\n"
    )
    assert "  ReplicaFailure   True    FailedCreate\n" in text
