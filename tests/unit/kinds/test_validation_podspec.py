"""Validation of fields of the pod spec, and of metadata."""

import pytest

from supervisor.model.meta import Object
from tests import kinds

APP = {"name": "app", "image": "kubia:1"}
ONLY_SIDECARS = "may not be set for init containers without restartPolicy=Always"


def wrong(metadata: Object | None = None, **spec: object) -> list[str]:
    meta = {"name": "web", "namespace": "default"} | (metadata or {})
    pod: Object = {"metadata": meta, "spec": {"containers": [APP]} | spec}
    kinds.complete("pods", pod)
    return [str(error) for error in kinds.on_create("pods", pod)]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (
            {"restartPolicy": "Sometimes"},
            [
                'spec.restartPolicy: Unsupported value: "Sometimes": '
                'supported values: "Always", "OnFailure", "Never"'
            ],
        ),
        (
            {"activeDeadlineSeconds": 0},
            [
                "spec.activeDeadlineSeconds: Invalid value: 0: "
                "must be between 1 and 2147483647, inclusive"
            ],
        ),
        (
            {"hostname": "a.b"},
            ['spec.hostname: Invalid value: "a.b": must not contain dots'],
        ),
        (
            {"hostAliases": [{"ip": "1.2.3"}]},
            [
                'spec.hostAliases[0].ip: Invalid value: "1.2.3": must be a valid IP '
                "address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
            ],
        ),
        (
            {"dnsPolicy": "None"},
            [
                "spec.dnsConfig: Required value: "
                "must provide `dnsConfig` when `dnsPolicy` is None"
            ],
        ),
        (
            {"containers": [APP, APP]},
            ['spec.containers[1].name: Duplicate value: "app"'],
        ),
        (
            {"initContainers": [APP]},
            ['spec.initContainers[0].name: Duplicate value: "app"'],
        ),
        (
            {
                "initContainers": [
                    {"name": "i", "image": "x", "lifecycle": {}, "livenessProbe": {}}
                ]
            },
            [
                f"spec.initContainers[0].lifecycle: Forbidden: {ONLY_SIDECARS}",
                f"spec.initContainers[0].livenessProbe: Forbidden: {ONLY_SIDECARS}",
            ],
        ),
        (
            {"initContainers": [{"name": "i", "image": "x", "restartPolicy": "Never"}]},
            [
                'spec.initContainers[0].restartPolicy: Unsupported value: "Never": '
                'supported values: "Always"'
            ],
        ),
        (
            {
                "hostNetwork": True,
                "containers": [APP | {"ports": [{"containerPort": 1, "hostPort": 2}]}],
            },
            [
                "spec.containers[0].ports[0].hostPort: Invalid value: 2: "
                "must match `containerPort` when `hostNetwork` is true"
            ],
        ),
        (
            {"ephemeralContainers": [{"name": "debug"}]},
            ["spec.ephemeralContainers: Forbidden: cannot be set on create"],
        ),
    ],
)
def test_errors_in_the_spec(spec: Object, expected: list[str]) -> None:
    """With the path of the field and upstream's message."""
    assert wrong(**spec) == expected


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        ({}, ["name: Required value"]),
        (
            {"name": "v", "emptyDir": {}, "hostPath": {"path": "/x"}},
            ["hostPath: Forbidden: may not specify more than 1 volume type"],
        ),
        ({"name": "v", "hostPath": {}}, ["hostPath.path: Required value"]),
        (
            {"name": "v", "hostPath": {"path": "/a/../b"}},
            ["hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"],
        ),
        (
            {"name": "v", "hostPath": {"path": "/a", "type": "Pipe"}},
            [
                'hostPath.type: Unsupported value: "Pipe": supported values: "", '
                '"BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", '
                '"File", "FileOrCreate", "Socket"'
            ],
        ),
        (
            {"name": "v", "emptyDir": {"sizeLimit": "-1"}},
            [
                "emptyDir.sizeLimit: Forbidden: "
                "SizeLimit field must be a valid resource quantity"
            ],
        ),
        (
            {"name": "v", "secret": {"defaultMode": 0o1000}},
            [
                "secret.secretName: Required value",
                "secret.defaultMode: Invalid value: 512: must be a number between 0 "
                "and 0777 (octal), both inclusive",
            ],
        ),
    ],
)
def test_errors_in_a_volume(volume: Object, expected: list[str]) -> None:
    """A volume has a name and one source."""
    found = wrong(volumes=[volume])

    assert [text.removeprefix("spec.volumes[0].") for text in found] == expected


def test_volumes_and_their_mounts_are_unique() -> None:
    """Names of volumes, and mount paths."""
    mounts = [{"name": "v", "mountPath": "/x"}, {"name": "v", "mountPath": "/x"}]

    found = wrong(
        volumes=[{"name": "v"}, {"name": "v"}],
        containers=[APP | {"volumeMounts": mounts}],
    )

    assert found == [
        'spec.volumes[1].name: Duplicate value: "v"',
        'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/x": '
        "must be unique",
    ]


@pytest.mark.parametrize(
    ("toleration", "expected"),
    [
        (
            {},
            [
                'operator: Invalid value: "": operator must be Exists when `key` is '
                'empty, which means "match all values and all keys"'
            ],
        ),
        (
            {"key": "a", "operator": "Exists", "value": "b"},
            [
                'operator: Invalid value: "b": '
                "value must be empty when `operator` is 'Exists'"
            ],
        ),
        (
            {"key": "a", "effect": "NoSchedule", "tolerationSeconds": 1},
            [
                'effect: Invalid value: "NoSchedule": '
                "effect must be 'NoExecute' when `tolerationSeconds` is set"
            ],
        ),
        (
            {"key": "a", "operator": "Gt", "effect": "Never"},
            [
                'operator: Unsupported value: "Gt": '
                'supported values: "Equal", "Exists"',
                'effect: Unsupported value: "Never": supported values: '
                '"NoSchedule", "PreferNoSchedule", "NoExecute"',
            ],
        ),
    ],
)
def test_errors_in_a_toleration(toleration: Object, expected: list[str]) -> None:
    """Key, operator, value and effect must match."""
    found = wrong(tolerations=[toleration])

    assert [text.removeprefix("spec.tolerations[0].") for text in found] == expected


def test_names_and_labels_are_validated() -> None:
    """By the rules for metadata of all kinds."""
    found = wrong(
        {"name": "", "namespace": "", "labels": {"a/b/c": "x"}, "finalizers": ["/"]}
    )

    assert [text.partition(":")[0] for text in found] == [
        "metadata.name",
        "metadata.namespace",
        "metadata.labels",
        "metadata.finalizers",
        "metadata.finalizers",
        "metadata.finalizers",
    ]


def test_prefix_of_a_generated_name_may_end_in_a_dash() -> None:
    """The generated part follows it."""
    assert wrong({"generateName": "web-", "name": "web-x"}) == []
    assert len(wrong({"generateName": "Web-", "name": "web-x"})) == 1


def test_total_size_of_annotations_is_limited() -> None:
    """Keys and values, 256 KiB in total."""
    found = wrong({"annotations": {"a": "x" * 2**18}})

    assert found == [
        "metadata.annotations: Too long: may not be more than 262144 bytes"
    ]


def test_object_has_one_controller_at_most() -> None:
    """Two controllers would conflict."""
    owner = {"apiVersion": "v1", "kind": "RC", "name": "a", "uid": "1"}
    owners = [owner | {"controller": True}, owner | {"controller": True, "name": "b"}]

    [found] = wrong({"ownerReferences": owners})

    assert found.endswith(
        "Only one reference can have Controller set to true. "
        'Found "true" in references for RC/a and RC/b'
    )


def test_owner_references_must_be_complete() -> None:
    """Version, kind, name and uid."""
    found = wrong({"ownerReferences": [{}]})

    assert [text.partition(":")[0] for text in found] == [
        "metadata.ownerReferences.apiVersion",
        "metadata.ownerReferences.kind",
        "metadata.ownerReferences.name",
        "metadata.ownerReferences.uid",
    ]
