"""The files of configMap, secret, downwardAPI and projected volumes."""

import base64
from typing import Any

import pytest

from supervisor.agent.containers.downward import Facts
from supervisor.agent.pods.failures import MissingObject, StartFailed
from supervisor.agent.volumes.base import Context, SourceMissing
from supervisor.agent.volumes.types import TYPES, check_volumes, type_of
from supervisor.model.meta import Object, decode
from supervisor.model.pod import Pod
from supervisor.model.volumes import Volume

CONFIG: Object = {
    "metadata": {"resourceVersion": "7"},
    "data": {"a": "1", "b": "two"},
    "binaryData": {"c": base64.b64encode(b"\xff").decode()},
}
SECRET: Object = {
    "metadata": {"resourceVersion": "8"},
    "data": {"password": base64.b64encode(b"hunter2").decode()},
}


class Known:
    """Satisfies Objects."""

    def config_map(self, namespace: str, name: str) -> Object | None:
        return CONFIG if (namespace, name) == ("default", "conf") else None

    def secret(self, namespace: str, name: str) -> Object | None:
        return SECRET if (namespace, name) == ("default", "sec") else None


def context() -> Context:
    limits = {"limits": {"memory": "64Mi"}}
    pod = {
        "metadata": {
            "name": "web",
            "namespace": "default",
            "labels": {"b": "2", "a": 'say "hi"'},
        },
        "spec": {"containers": [{"name": "main", "image": "i", "resources": limits}]},
    }
    return Context(Facts(decode(Pod, pod), "10.0.0.1", "192.0.2.1", 1000, 1), Known())


def written(**source: Any) -> dict[str, tuple[bytes, int]]:
    """Content and mode of each file by path."""
    volume = decode(Volume, {"name": "v", **source})
    files = type_of(volume).files(volume, context())
    return {path: (file.data, file.mode) for path, file in files.items()}


def test_all_keys_of_a_config_map_are_files() -> None:
    """Text and bytes."""
    assert written(configMap={"name": "conf"}) == {
        "a": (b"1", 0o644),
        "b": (b"two", 0o644),
        "c": (b"\xff", 0o644),
    }


def test_items_choose_keys_paths_and_modes() -> None:
    """A path may have folders."""
    items = [{"key": "a", "path": "x/./y", "mode": 0o600}, {"key": "b", "path": "b"}]

    assert written(
        configMap={"name": "conf", "items": items, "defaultMode": 0o400}
    ) == {"x/y": (b"1", 0o600), "b": (b"two", 0o400)}


def test_a_secret_is_decoded() -> None:
    """And its data does not show when it is printed."""
    source = {"secretName": "sec"}
    assert written(secret=source) == {"password": (b"hunter2", 0o644)}

    volume = decode(Volume, {"name": "v", "secret": source})
    assert "hunter2" not in repr(type_of(volume).files(volume, context()))


def test_fields_of_the_pod_are_files() -> None:
    """Labels as the kubelet writes them; amounts in the unit asked for."""
    limit = {"resource": "limits.memory", "containerName": "main", "divisor": "1Mi"}
    items = [
        {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}},
        {"path": "memory", "resourceFieldRef": limit},
    ]

    assert written(downwardAPI={"items": items}) == {
        "labels": (b'a="say \\"hi\\""\nb="2"', 0o644),
        "memory": (b"64", 0o644),
    }


def test_a_projected_volume_has_the_files_of_all_its_sources() -> None:
    """With one mode for those that have none of their own."""
    name = {"fieldPath": "metadata.name"}
    sources = [
        {"configMap": {"name": "conf", "items": [{"key": "a", "path": "a"}]}},
        {"secret": {"name": "sec"}},
        {"downwardAPI": {"items": [{"path": "me", "fieldRef": name}]}},
    ]

    assert written(projected={"sources": sources, "defaultMode": 0o440}) == {
        "a": (b"1", 0o440),
        "password": (b"hunter2", 0o440),
        "me": (b"web", 0o440),
    }


@pytest.mark.parametrize(
    ("source", "text", "awaits"),
    [
        (
            {"configMap": {"name": "gone"}},
            'configmap "gone" not found',
            MissingObject("configmaps", "default", "gone"),
        ),
        (
            {"secret": {"secretName": "gone"}},
            'secret "gone" not found',
            MissingObject("secrets", "default", "gone"),
        ),
        (
            {"configMap": {"name": "conf", "items": [{"key": "x", "path": "x"}]}},
            "references non-existent config key: x",
            MissingObject("configmaps", "default", "conf", 7),
        ),
        (
            {"secret": {"secretName": "sec", "items": [{"key": "x", "path": "x"}]}},
            "references non-existent secret key: x",
            MissingObject("secrets", "default", "sec", 8),
        ),
    ],
)
def test_what_is_missing_is_named_and_waited_for(
    source: Object, text: str, awaits: MissingObject
) -> None:
    """In upstream's words."""
    with pytest.raises(SourceMissing) as caught:
        written(**source)

    assert (str(caught.value), caught.value.awaits) == (text, awaits)


@pytest.mark.parametrize(
    "source",
    [
        {"configMap": {"name": "gone", "optional": True}},
        {"secret": {"secretName": "gone", "optional": True}},
        {
            "configMap": {
                "name": "conf",
                "optional": True,
                "items": [{"key": "x", "path": "x"}],
            }
        },
    ],
)
def test_what_is_optional_may_be_missing(source: Object) -> None:
    """The volume is empty then."""
    assert written(**source) == {}


def test_each_type_has_its_own_field() -> None:
    """None is taken for another."""
    empty = {"hostPath": {"path": "/"}}
    for each in TYPES:
        source = empty.get(each.source, {})
        volume = decode(Volume, {"name": "v", each.source: source})
        assert type_of(volume) is each


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ({"awsElasticBlockStore": {"volumeID": "v"}}, "cannot be attached"),
        ({"nfs": {"server": "s", "path": "/"}}, "use a claim of a"),
        ({"somethingNew": {}}, "somethingNew are not supported"),
        (
            {"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
            "projected source serviceAccountToken is not supported",
        ),
    ],
)
def test_a_type_that_is_not_supported_keeps_the_pod_waiting(
    source: Object, text: str
) -> None:
    """The message names the volume, and what to use."""
    with pytest.raises(StartFailed) as caught:
        check_volumes({"spec": {"volumes": [{"name": "v", **source}]}})

    assert 'volume "v"' in caught.value.message and text in caught.value.message
