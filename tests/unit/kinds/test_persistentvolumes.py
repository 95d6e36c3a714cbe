"""PersistentVolumes and StorageClasses as objects."""

from copy import deepcopy

import pytest

from supervisor.model.meta import Object
from tests import kinds

VOLUME = "persistentvolumes"
CLASS = "storageclasses.storage.k8s.io"


def volume(**spec: object) -> Object:
    whole = {
        "accessModes": ["ReadWriteMany"],
        "capacity": {"storage": "1Gi"},
        "hostPath": {"path": "/data"},
    } | spec
    given = {key: value for key, value in whole.items() if value is not None}
    return {"metadata": {"name": "x"}, "spec": given}


def problems(**spec: object) -> list[str]:
    obj = kinds.read(VOLUME, volume(**spec))
    return [str(error) for error in kinds.on_create(VOLUME, obj)]


def test_a_new_volume_is_kept_and_waits() -> None:
    """Its phase has begun now."""
    obj = kinds.read(VOLUME, volume())
    kinds.prepare_create(VOLUME, obj)

    assert obj["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    assert obj["spec"]["volumeMode"] == "Filesystem"
    assert obj["spec"]["hostPath"] == {"path": "/data", "type": ""}
    assert obj["status"] == {
        "phase": "Pending",
        "lastPhaseTransitionTime": "1970-01-01T00:00:00Z",
    }


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, []),
        ({"hostPath": None, "nfs": {"server": "s", "path": "/p"}}, []),
        (
            {"accessModes": [], "capacity": None},
            [
                "spec.accessModes: Required value",
                "spec.capacity: Required value",
                'spec.capacity: Unsupported value: {}: supported values: "storage"',
            ],
        ),
        ({"hostPath": None}, ["spec: Required value: must specify a volume type"]),
        (
            {"nfs": {"server": "s", "path": "/p"}},
            ["spec.nfs: Forbidden: may not specify more than 1 volume type"],
        ),
        (
            {"hostPath": None, "nfs": {"path": "p"}},
            [
                "spec.nfs.server: Required value",
                'spec.nfs.path: Invalid value: "p": must be an absolute path',
            ],
        ),
        (
            {"hostPath": None, "local": {"path": "/a/../b"}},
            [
                "spec.local.path: Invalid value: \"/a/../b\": must not contain '..'",
                "spec.nodeAffinity: Required value: "
                "Local volume requires node affinity",
            ],
        ),
        (
            {"nodeAffinity": {"required": {}}},
            [
                "spec.nodeAffinity.required.nodeSelectorTerms: Required value: "
                "must have at least one node selector term"
            ],
        ),
        (
            {
                "persistentVolumeReclaimPolicy": "Recycle",
                "hostPath": {"path": "/"},
            },
            [
                "spec.persistentVolumeReclaimPolicy: Forbidden: "
                "may not be 'recycle' for a hostPath mount of '/'"
            ],
        ),
        (
            {"persistentVolumeReclaimPolicy": "Burn"},
            [
                'spec.persistentVolumeReclaimPolicy: Unsupported value: "Burn": '
                'supported values: "Delete", "Recycle", "Retain"'
            ],
        ),
    ],
)
def test_what_is_wrong_is_named(spec: Object, expected: list[str]) -> None:
    """In upstream's words."""
    assert problems(**spec) == expected


def test_where_it_is_never_changes() -> None:
    """What becomes of it may."""
    old = kinds.read(VOLUME, volume())
    kept, moved = deepcopy(old), deepcopy(old)
    kept["spec"]["persistentVolumeReclaimPolicy"] = "Delete"
    moved["spec"]["hostPath"]["path"] = "/other"

    assert kinds.on_update(VOLUME, kept, old) == []
    assert [str(error) for error in kinds.on_update(VOLUME, moved, old)] == [
        "spec.persistentvolumesource: Forbidden: "
        "spec.persistentvolumesource is immutable after creation"
    ]


def test_columns_are_upstreams() -> None:
    """Its size, its fate, and its claim."""
    obj = kinds.read(VOLUME, volume(claimRef={"namespace": "n", "name": "c"}))
    obj["status"]["phase"] = "Bound"

    assert kinds.column_names(VOLUME) == (
        "Name Capacity Access_Modes Reclaim_Policy Status Claim StorageClass "
        "VolumeAttributesClass Reason Age VolumeMode*"
    )
    assert list(kinds.cells(VOLUME, obj, 0.0).values()) == [
        "x", "1Gi", "RWX", "Retain", "Bound", "n/c", "", "<unset>", "", "<unknown>",
        "Filesystem",
    ]  # fmt: skip


def test_it_is_described_with_its_source() -> None:
    """And with the nodes that can reach it."""
    expression = {"key": "kubernetes.io/hostname", "operator": "In", "values": ["n"]}
    nodes = {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}
    obj = kinds.read(VOLUME, volume(nodeAffinity=nodes))

    assert kinds.described(VOLUME, obj) == (
        "Name:              x\n"
        "Labels:            <none>\n"
        "Annotations:       <none>\n"
        "Finalizers:        []\n"
        "StorageClass:      \n"
        "Status:            Pending\n"
        "Claim:             \n"
        "Reclaim Policy:    Retain\n"
        "Access Modes:      RWX\n"
        "VolumeMode:        Filesystem\n"
        "Capacity:          1Gi\n"
        "Node Affinity:     \n"
        "  Required Terms:  \n"
        "    Term 0:        kubernetes.io/hostname in [n]\n"
        "Message:           \n"
        "Source:\n"
        "    Type:          HostPath (bare host directory volume)\n"
        "    Path:          /data\n"
        "    HostPathType:  \n"
        "Events:            <none>\n"
    )


def storage_class(**fields: object) -> Object:
    return {"metadata": {"name": "x"}, "provisioner": "docker-local"} | fields


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"provisioner": ""}, ["provisioner: Required value"]),
        (
            {"reclaimPolicy": "Recycle", "volumeBindingMode": "Never"},
            [
                'reclaimPolicy: Unsupported value: "Recycle": '
                'supported values: "Delete", "Retain"',
                'volumeBindingMode: Unsupported value: "Never": '
                'supported values: "Immediate", "WaitForFirstConsumer"',
            ],
        ),
        (
            {"parameters": {"": "a"}},
            ['parameters: Invalid value: "": field can not be empty.'],
        ),
    ],
)
def test_what_is_wrong_with_a_class_is_named(
    fields: Object, expected: list[str]
) -> None:
    """In upstream's words."""
    obj = kinds.read(CLASS, storage_class(**fields))

    assert [str(error) for error in kinds.on_create(CLASS, obj)] == expected


def test_a_class_deletes_at_once_and_never_changes() -> None:
    """Only whether it is the default may change, and whether claims may grow."""
    old = kinds.read(CLASS, storage_class())
    changed = old | {"provisioner": "other", "allowVolumeExpansion": True}

    assert (old["reclaimPolicy"], old["volumeBindingMode"]) == ("Delete", "Immediate")
    assert [str(error) for error in kinds.on_update(CLASS, changed, old)] == [
        'provisioner: Invalid value: "other": field is immutable'
    ]


def test_the_first_version_of_a_class_is_the_same() -> None:
    """In all but its name."""
    stored = kinds.read(CLASS, storage_class(), "storage.k8s.io/v1beta1")

    shown = kinds.shown(CLASS, stored, "storage.k8s.io/v1beta1")

    assert kinds.read(CLASS, shown, "storage.k8s.io/v1beta1") == stored


def test_the_default_class_is_marked() -> None:
    """In its table and its description."""
    mark = {"storageclass.kubernetes.io/is-default-class": "true"}
    obj = kinds.read(CLASS, storage_class())
    obj["metadata"]["annotations"] = mark

    assert kinds.column_names(CLASS) == (
        "Name Provisioner ReclaimPolicy VolumeBindingMode AllowVolumeExpansion Age"
    )
    assert list(kinds.cells(CLASS, obj, 0.0).values()) == [
        "x (default)", "docker-local", "Delete", "Immediate", False, "<unknown>",
    ]  # fmt: skip
    assert kinds.described(CLASS, obj).startswith(
        "Name:                  x\n"
        "IsDefaultClass:        Yes\n"
        "Annotations:           storageclass.kubernetes.io/is-default-class=true\n"
        "Provisioner:           docker-local\n"
        "Parameters:            <none>\n"
        "AllowVolumeExpansion:  <unset>\n"
        "MountOptions:          <none>\n"
        "ReclaimPolicy:         Delete\n"
        "VolumeBindingMode:     Immediate\n"
    )
