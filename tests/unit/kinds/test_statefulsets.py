"""StatefulSets as objects: defaults, rules, older versions, columns, description."""

from copy import deepcopy

import pytest

from supervisor.kinds.all import CATALOG
from supervisor.model.meta import Object
from tests import kinds
from tests.unit.kinds.test_persistentvolumeclaims import claim
from tests.unit.kinds.test_replicasets import LABELS, SELECTOR, replica_set, template

STATEFUL_SET = "statefulsets.apps"
_STRATEGY = "spec.updateStrategy"


def stateful_set(**spec: object) -> Object:
    return replica_set(**({"serviceName": "kubia"} | spec))


def problems(**spec: object) -> list[str]:
    obj = kinds.read(STATEFUL_SET, stateful_set(**spec))
    return [str(error) for error in kinds.on_create(STATEFUL_SET, obj)]


def claims(**spec: object) -> list[Object]:
    return [{"metadata": {"name": "data"}, "spec": claim(**spec)["spec"]}]


def test_pods_are_made_and_updated_in_order() -> None:
    """And their claims are kept."""
    spec = kinds.read(STATEFUL_SET, stateful_set())["spec"]

    assert {k: v for k, v in spec.items() if k not in ("template", "selector")} == {
        "serviceName": "kubia",
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        "persistentVolumeClaimRetentionPolicy": {
            "whenDeleted": "Retain",
            "whenScaled": "Retain",
        },
        "replicas": 1,
        "revisionHistoryLimit": 10,
    }


def test_templates_of_claims_are_completed_as_claims() -> None:
    """They show their kind, and that they wait, as upstream shows them."""
    spec = kinds.read(STATEFUL_SET, stateful_set(volumeClaimTemplates=claims()))["spec"]

    [found] = spec["volumeClaimTemplates"]
    assert (found["apiVersion"], found["kind"]) == ("v1", "PersistentVolumeClaim")
    assert found["status"] == {"phase": "Pending"}
    assert found["spec"]["volumeMode"] == "Filesystem"


def test_a_claim_may_be_mounted_like_a_volume() -> None:
    """By the name of its template."""
    mount = {"name": "data", "mountPath": "/data"}
    container = {"name": "a", "image": "b:1", "volumeMounts": [mount]}
    pods = template(containers=[container])

    assert problems(template=pods, volumeClaimTemplates=claims()) == []
    assert problems(template=pods) == [
        'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"'
    ]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, []),
        (
            {"podManagementPolicy": "Random"},
            [
                'spec.podManagementPolicy: Invalid value: "Random": '
                "must be 'OrderedReady' or 'Parallel'"
            ],
        ),
        (
            {"updateStrategy": {"type": "Never"}},
            [
                f'{_STRATEGY}: Invalid value: {{"Type":"Never","RollingUpdate":null}}: '
                "must be 'RollingUpdate' or 'OnDelete'"
            ],
        ),
        (
            {
                "updateStrategy": {
                    "type": "OnDelete",
                    "rollingUpdate": {"partition": 1},
                }
            },
            [
                f'{_STRATEGY}.rollingUpdate: Invalid value: {{"Partition":1}}: '
                "only allowed for updateStrategy 'RollingUpdate'"
            ],
        ),
        (
            {
                "updateStrategy": {
                    "type": "RollingUpdate",
                    "rollingUpdate": {"partition": -1, "maxUnavailable": 0},
                }
            },
            [
                f"{_STRATEGY}.rollingUpdate.partition: Invalid value: -1: "
                "must be greater than or equal to 0",
                f"{_STRATEGY}.rollingUpdate.maxUnavailable: Invalid value: 0: "
                "cannot be 0",
            ],
        ),
        (
            {"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Keep"}},
            [
                "spec.persistentVolumeClaimRetentionPolicy.whenScaled: "
                'Unsupported value: "Keep": supported values: "Retain", "Delete"'
            ],
        ),
        (
            {"volumeClaimTemplates": claims(accessModes=[])},
            [
                "spec.volumeClaimTemplates[0].spec.accessModes: Required value: "
                "at least 1 access mode is required"
            ],
        ),
        (
            {"ordinals": {"start": -1}},
            [
                "spec.ordinals.start: Invalid value: -1: "
                "must be greater than or equal to 0"
            ],
        ),
        (
            {"serviceName": "a.b"},
            ['spec.serviceName: Invalid value: "a.b": must not contain dots'],
        ),
        (
            {"selector": {}},
            [
                "spec.selector: Invalid value: {}: "
                "empty selector is invalid for statefulset"
            ],
        ),
        (
            {"template": template(restartPolicy="Never", activeDeadlineSeconds=1)},
            [
                'spec.template.spec.restartPolicy: Unsupported value: "Never": '
                'supported values: "Always"',
                "spec.template.spec.activeDeadlineSeconds: Forbidden: "
                "activeDeadlineSeconds in StatefulSet is not Supported",
            ],
        ),
    ],
)
def test_what_is_wrong_is_named(spec: Object, expected: list[str]) -> None:
    """In upstream's words."""
    assert problems(**spec) == expected


def test_its_name_is_a_label() -> None:
    """The names of its pods are made of it."""
    obj = kinds.read(STATEFUL_SET, stateful_set())
    obj["metadata"]["name"] = "a.b"

    assert [str(error) for error in kinds.on_create(STATEFUL_SET, obj)] == [
        'metadata.name: Invalid value: "a.b": must not contain dots'
    ]


def test_most_of_it_never_changes() -> None:
    """The message says what may."""
    old = kinds.read(STATEFUL_SET, stateful_set())
    scaled, renamed = deepcopy(old), deepcopy(old)
    scaled["spec"] |= {"replicas": 5, "template": template(), "minReadySeconds": 1}
    renamed["spec"]["serviceName"] = "other"

    kinds.complete(STATEFUL_SET, scaled)
    assert kinds.on_update(STATEFUL_SET, scaled, old) == []
    assert [str(error) for error in kinds.on_update(STATEFUL_SET, renamed, old)] == [
        "spec: Forbidden: updates to statefulset spec for fields other than "
        "'replicas', 'ordinals', 'template', 'updateStrategy', "
        "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
        "'minReadySeconds' are forbidden"
    ]


def test_the_first_version_waits_for_pods_to_be_deleted() -> None:
    """And takes selector and labels from the template; v1beta2 does not."""
    given = stateful_set(selector=None)

    found = kinds.read(STATEFUL_SET, given, "apps/v1beta1")
    newer = kinds.read(STATEFUL_SET, stateful_set(), "apps/v1beta2")

    assert found["spec"]["updateStrategy"] == {"type": "OnDelete"}
    assert found["spec"]["selector"] == SELECTOR
    assert found["metadata"]["labels"] == LABELS
    assert newer["spec"]["updateStrategy"]["type"] == "RollingUpdate"


@pytest.mark.parametrize("version", ["apps/v1beta1", "apps/v1beta2"])
def test_an_older_version_is_read_as_it_was_shown(version: str) -> None:
    """And back again."""
    given = stateful_set(volumeClaimTemplates=claims())
    stored = kinds.read(STATEFUL_SET, given, version)

    shown = kinds.shown(STATEFUL_SET, stored, version)

    assert kinds.read(STATEFUL_SET, shown, version) == stored


def test_counts_in_a_status_fit_together() -> None:
    """None exceeds the number of pods."""
    status = {"replicas": 1, "currentReplicas": 2, "availableReplicas": 1}
    new = stateful_set() | {"status": status}

    assert [str(e) for e in kinds.on_status_update(STATEFUL_SET, new, new)] == [
        "status.currentReplicas: Invalid value: 2: "
        "cannot be greater than status.replicas",
        "status.availableReplicas: Invalid value: 1: "
        "cannot be greater than status.readyReplicas",
    ]


def test_a_negative_history_is_warned_about() -> None:
    """It keeps everything."""
    obj = kinds.read(STATEFUL_SET, stateful_set(revisionHistoryLimit=-1))

    assert kinds.on_create(STATEFUL_SET, obj) == []
    assert CATALOG.kind(STATEFUL_SET).rules.warnings(obj) == [
        "spec.revisionHistoryLimit: a negative value retains all historical "
        "revisions; a value >= 0 is recommended"
    ]


def test_columns_are_upstreams() -> None:
    """How many are ready, of how many."""
    obj = stateful_set(replicas=3) | {"status": {"readyReplicas": 1}}

    assert kinds.column_names(STATEFUL_SET) == "Name Ready Age Containers* Images*"
    assert list(kinds.cells(STATEFUL_SET, obj, 0.0).values()) == [
        "x", "1/3", "<unknown>", "app", "kubia:1",
    ]  # fmt: skip


def test_it_is_described_with_its_claims() -> None:
    """As kubectl does."""
    obj = kinds.read(STATEFUL_SET, stateful_set(volumeClaimTemplates=claims()))
    obj["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"

    text = kinds.described(STATEFUL_SET, obj)

    assert text.startswith(
        "Name:               x\n"
        "Namespace:          default\n"
        "CreationTimestamp:  Thu, 01 Jan 2026 00:00:00 +0000\n"
        "Selector:           app=kubia\n"
        "Labels:             <none>\n"
        "Annotations:        <none>\n"
        "Replicas:           1 desired | 0 total\n"
        "Update Strategy:    RollingUpdate\n"
        "  Partition:        0\n"
        "Pods Status:        0 Running / 0 Waiting / 0 Succeeded / 0 Failed\n"
        "Pod Template:\n"
    )
    assert (
        "Volume Claims:\n"
        "  Name:          data\n"
        "  StorageClass:  \n"
        "  Labels:        <none>\n"
        "  Annotations:   <none>\n"
        "  Capacity:      1Gi\n"
        "  Access Modes:  [ReadWriteOnce]\n"
    ) in text
