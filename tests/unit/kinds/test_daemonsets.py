"""DaemonSets as objects: defaults, rules, older versions, columns, description."""

from copy import deepcopy

import pytest

from supervisor.model.meta import Object
from tests import kinds
from tests.unit.kinds.test_replicasets import LABELS, SELECTOR, replica_set, template

DAEMON_SET = "daemonsets.apps"
GENERATION = "deprecated.daemonset.template.generation"
_BOUNDS = "spec.updateStrategy.rollingUpdate"


def daemon_set(**spec: object) -> Object:
    return replica_set(**spec)


def problems(**spec: object) -> list[str]:
    obj = kinds.read(DAEMON_SET, daemon_set(**spec))
    return [str(error) for error in kinds.on_create(DAEMON_SET, obj)]


def strategy(**bounds: object) -> Object:
    return {"type": "RollingUpdate", "rollingUpdate": bounds}


def test_one_node_at_a_time_is_the_default() -> None:
    """And ten revisions are kept."""
    spec = kinds.read(DAEMON_SET, daemon_set())["spec"]

    assert spec["updateStrategy"] == strategy(maxUnavailable=1, maxSurge=0)
    assert spec["revisionHistoryLimit"] == 10


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, []),
        ({"updateStrategy": {"type": "OnDelete"}}, []),
        ({"updateStrategy": strategy(maxUnavailable=0, maxSurge="10%")}, []),
        (
            {"selector": None},
            [
                'spec.template.metadata.labels: Invalid value: {"app":"kubia"}: '
                "`selector` does not match template `labels`",
            ],
        ),
        (
            {"selector": {}},
            [
                "spec.selector: Invalid value: {}: "
                "empty selector is invalid for daemonset"
            ],
        ),
        (
            {"updateStrategy": {"type": "Surge"}},
            [
                'spec.updateStrategy: Unsupported value: {"Type":"Surge",'
                '"RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"'
            ],
        ),
        (
            {"updateStrategy": strategy(maxUnavailable=1, maxSurge=1)},
            [
                f"{_BOUNDS}.maxSurge: Invalid value: 1: "
                "may not be set when maxUnavailable is non-zero"
            ],
        ),
        (
            {"updateStrategy": strategy(maxUnavailable="0%")},
            [
                f"{_BOUNDS}.maxUnavailable: Required value: "
                "cannot be 0 when maxSurge is 0"
            ],
        ),
        (
            {"updateStrategy": strategy(maxUnavailable="200%")},
            [
                f'{_BOUNDS}.maxUnavailable: Invalid value: "200%": '
                "must not be greater than 100%"
            ],
        ),
        (
            {"template": template(restartPolicy="OnFailure", activeDeadlineSeconds=1)},
            [
                'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": '
                'supported values: "Always"',
                "spec.template.spec.activeDeadlineSeconds: Forbidden: "
                "activeDeadlineSeconds in DaemonSet is not Supported",
            ],
        ),
    ],
)
def test_what_is_wrong_is_named(spec: Object, expected: list[str]) -> None:
    """In upstream's words."""
    assert problems(**spec) == expected


def test_the_selector_never_changes() -> None:
    """As with the other kinds of the group."""
    old = kinds.read(DAEMON_SET, daemon_set())
    new = kinds.read(DAEMON_SET, daemon_set(selector={"matchLabels": {"app": "y"}}))

    found = [str(error) for error in kinds.on_update(DAEMON_SET, new, old)]

    assert (
        'spec.selector: Invalid value: {"matchLabels":{"app":"y"}}: field is immutable'
    ) in found


def test_extensions_replace_pods_when_they_are_deleted() -> None:
    """Selector and labels are those of the template; apps/v1beta2 is as apps/v1 is."""
    given = daemon_set(selector=None)

    found = kinds.read(DAEMON_SET, given, "extensions/v1beta1")
    newer = kinds.read(DAEMON_SET, daemon_set(), "apps/v1beta2")

    assert found["spec"]["updateStrategy"] == {"type": "OnDelete"}
    assert found["spec"]["selector"] == SELECTOR
    assert found["metadata"]["labels"] == LABELS
    assert newer["spec"]["updateStrategy"]["type"] == "RollingUpdate"


@pytest.mark.parametrize("version", ["extensions/v1beta1", "apps/v1beta2"])
def test_an_older_version_is_read_as_it_was_shown(version: str) -> None:
    """With the number of the template."""
    stored = kinds.read(DAEMON_SET, daemon_set(), version)
    kinds.prepare_create(DAEMON_SET, stored)

    shown = kinds.shown(DAEMON_SET, stored, version)

    assert kinds.read(DAEMON_SET, shown, version) == stored
    is_field = version == "extensions/v1beta1"
    assert shown["spec"].get("templateGeneration") == (1 if is_field else None)
    assert (GENERATION in (shown["metadata"].get("annotations") or {})) != is_field


def test_changes_of_the_template_are_counted() -> None:
    """Whatever a client says about the count; other changes do not count."""
    old = kinds.read(DAEMON_SET, daemon_set())
    kinds.prepare_create(DAEMON_SET, old)
    changed, other = deepcopy(old), deepcopy(old)
    changed["spec"]["template"]["spec"]["hostNetwork"] = True
    del changed["metadata"]["annotations"]
    other["spec"]["minReadySeconds"] = 5
    other["metadata"]["annotations"][GENERATION] = "9"

    kinds.prepare_update(DAEMON_SET, changed, old)
    kinds.prepare_update(DAEMON_SET, other, old)

    assert old["metadata"]["annotations"] == {GENERATION: "1"}
    assert changed["metadata"]["annotations"] == {GENERATION: "2"}
    assert other["metadata"]["annotations"] == {GENERATION: "1"}
    assert other["metadata"]["generation"] == 2


def test_counts_in_a_status_are_not_negative() -> None:
    """And collisions are only counted up."""
    old = daemon_set() | {"status": {"collisionCount": 1}}
    new = daemon_set() | {"status": {"numberReady": -1, "collisionCount": 0}}

    assert [str(e) for e in kinds.on_status_update(DAEMON_SET, new, old)] == [
        "status.numberReady: Invalid value: -1: must be greater than or equal to 0",
        "status.collisionCount: Invalid value: 0: cannot be decremented",
    ]


def test_columns_are_upstreams() -> None:
    """Counts of nodes, and which nodes are meant."""
    status = {"desiredNumberScheduled": 3, "currentNumberScheduled": 2}
    obj = daemon_set(template=template(nodeSelector={"disk": "ssd"}))
    obj["status"] = status

    assert kinds.column_names(DAEMON_SET) == (
        "Name Desired Current Ready Up-to-date Available Node_Selector Age "
        "Containers* Images* Selector*"
    )
    assert list(kinds.cells(DAEMON_SET, obj, 0.0).values()) == [
        "x", 3, 2, 0, 0, 0, "disk=ssd", "<unknown>", "app", "kubia:1", "app=kubia",
    ]  # fmt: skip


def test_it_is_described_as_kubectl_does() -> None:
    """How many nodes have its pods."""
    obj = daemon_set() | {"status": {"desiredNumberScheduled": 3}}

    text = kinds.described(DAEMON_SET, obj)

    assert text.startswith(
        "Name:           x\n"
        "Namespace:      default\n"
        "Selector:       app=kubia\n"
        "Node-Selector:  <none>\n"
        "Labels:         <none>\n"
        "Annotations:    <none>\n"
        "Desired Number of Nodes Scheduled: 3\n"
        "Current Number of Nodes Scheduled: 0\n"
        "Number of Nodes Scheduled with Up-to-date Pods: 0\n"
        "Number of Nodes Scheduled with Available Pods: 0\n"
        "Number of Nodes Misscheduled: 0\n"
        "Pods Status:  0 Running / 0 Waiting / 0 Succeeded / 0 Failed\n"
        "Pod Template:\n"
    )
