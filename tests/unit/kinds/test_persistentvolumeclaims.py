"""PersistentVolumeClaims as objects: defaults, rules, columns, description."""

from copy import deepcopy

import pytest

from supervisor.model.meta import Object
from tests import kinds

CLAIM = "persistentvolumeclaims"


def claim(**spec: object) -> Object:
    whole = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    }
    return {"metadata": {"name": "x", "namespace": "default"}, "spec": whole | spec}


def bound() -> Object:
    made = kinds.read(CLAIM, claim(volumeName="v", storageClassName="c"))
    status = {
        "phase": "Bound",
        "capacity": {"storage": "2Gi"},
        "accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
    }
    return made | {"status": status}


def problems(**spec: object) -> list[str]:
    obj = kinds.read(CLAIM, claim(**spec))
    return [str(error) for error in kinds.on_create(CLAIM, obj)]


def test_a_new_claim_waits_for_a_filesystem() -> None:
    """Whatever its user says of its status."""
    obj = kinds.read(CLAIM, claim() | {"status": {"phase": "Bound"}})
    kinds.prepare_create(CLAIM, obj)

    assert obj["spec"]["volumeMode"] == "Filesystem"
    assert obj["status"] == {"phase": "Pending"}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, []),
        (
            {"accessModes": [], "resources": {}},
            [
                "spec.accessModes: Required value: at least 1 access mode is required",
                "spec.resources[storage]: Required value",
            ],
        ),
        (
            {"accessModes": ["Sometimes"]},
            [
                'spec.accessModes: Unsupported value: "Sometimes": supported values: '
                '"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"'
            ],
        ),
        (
            {"accessModes": ["ReadWriteOncePod", "ReadOnlyMany"]},
            [
                "spec.accessModes: Forbidden: "
                "may not use ReadWriteOncePod with other access modes"
            ],
        ),
        (
            {"resources": {"requests": {"storage": "0"}}},
            ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
        ),
        (
            {"volumeMode": "Tape", "storageClassName": "A"},
            [
                'spec.storageClassName: Invalid value: "A": a lowercase RFC 1123 '
                "subdomain must consist of lower case alphanumeric characters, '-' or "
                "'.', and must start and end with an alphanumeric character (e.g. "
                "'example.com', regex used for validation is "
                "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
                'spec.volumeMode: Unsupported value: "Tape": '
                'supported values: "Block", "Filesystem"',
            ],
        ),
        (
            {"dataSource": {"kind": "VolumeSnapshot", "name": "s"}},
            [
                'spec.dataSource: Invalid value: "VolumeSnapshot": must be '
                "'PersistentVolumeClaim' when referencing the default apiGroup"
            ],
        ),
    ],
)
def test_what_is_wrong_is_named(spec: Object, expected: list[str]) -> None:
    """In upstream's words."""
    assert problems(**spec) == expected


def updated(old: Object, **spec: object) -> list[str]:
    new = deepcopy(old)
    new["spec"] |= spec
    return [str(error) for error in kinds.on_update(CLAIM, new, old)]


def test_a_claim_is_bound_and_given_a_class_once() -> None:
    """Then it stays as it is."""
    new, old = kinds.read(CLAIM, claim()), bound()

    assert updated(new, volumeName="v", storageClassName="c") == []
    for change in ({"volumeName": "w"}, {"storageClassName": "d"}):
        assert updated(old, **change) == [
            "spec: Forbidden: spec is immutable after creation except "
            "resources.requests and volumeAttributesClassName for bound claims"
        ]


def test_a_bound_claim_may_grow() -> None:
    """It may not shrink below what it holds; a claim that waits stays as it is."""
    larger = {"requests": {"storage": "3Gi"}}

    assert updated(bound(), resources=larger) == []
    assert updated(bound(), resources={"requests": {"storage": "500Mi"}}) == [
        "spec.resources.requests.storage: Forbidden: "
        "field can not be less than status.capacity"
    ]
    assert len(updated(kinds.read(CLAIM, claim()), resources=larger)) == 1


def test_columns_are_upstreams() -> None:
    """What it is bound to, if it is."""
    assert kinds.column_names(CLAIM) == (
        "Name Status Volume Capacity Access_Modes StorageClass VolumeAttributesClass "
        "Age VolumeMode*"
    )
    assert list(kinds.cells(CLAIM, bound(), 0.0).values()) == [
        "x", "Bound", "v", "2Gi", "RWO,ROX", "c", "<unset>", "<unknown>", "Filesystem",
    ]  # fmt: skip
    waiting = kinds.read(CLAIM, claim())
    assert list(kinds.cells(CLAIM, waiting, 0.0).values())[1:6] == [
        "Pending", "", "", "", "",
    ]  # fmt: skip


def test_it_is_described_with_the_pods_that_use_it() -> None:
    """As kubectl does."""
    volume = {"name": "v", "persistentVolumeClaim": {"claimName": "x"}}
    pods: list[Object] = [
        {"metadata": {"name": "a"}, "spec": {"volumes": [volume]}},
        {"metadata": {"name": "b"}, "spec": {}},
    ]

    assert kinds.described(CLAIM, bound(), pods) == (
        "Name:          x\n"
        "Namespace:     default\n"
        "StorageClass:  c\n"
        "Status:        Bound\n"
        "Volume:        v\n"
        "Labels:        <none>\n"
        "Annotations:   <none>\n"
        "Finalizers:    []\n"
        "Capacity:      2Gi\n"
        "Access Modes:  RWO,ROX\n"
        "VolumeMode:    Filesystem\n"
        "Used By:       a\n"
        "Events:        <none>\n"
    )
