"""Updating and patching objects, their status and their scale."""

from typing import Any

import pytest

from supervisor.api.registry import Registry
from supervisor.client.base import PatchType, WriteOptions
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.store.base import Store
from tests.fakes.manifests import config_map, pod, replication_controller

RCS = "replicationcontrollers"


@pytest.fixture
def settings(registry: Registry) -> Object:
    """A stored ConfigMap `settings` with `a: 1`."""
    return registry.create("configmaps", config_map(a="1"), "default")


@pytest.fixture
def controller(registry: Registry) -> Object:
    """A stored ReplicationController `rep` with two replicas."""
    return registry.create(RCS, replication_controller(), "default")


def scale_of(registry: Registry) -> Object:
    return registry.get(RCS, "rep", "default", subresource="scale")


def test_an_update_replaces_the_object(registry: Registry, settings: Object) -> None:
    """Omitted fields are removed; system fields are kept."""
    body = config_map(b="2")
    body["metadata"]["namespace"] = "default"

    new = registry.update("configmaps", body)

    assert new["data"] == {"b": "2"}
    for ours in ("uid", "creationTimestamp"):
        assert new["metadata"][ours] == settings["metadata"][ours]
    assert new["metadata"]["resourceVersion"] == "6"


def test_an_update_with_wrong_version_or_uid_is_a_conflict(
    registry: Registry, settings: Object
) -> None:
    """409 with upstream's messages."""
    registry.update("configmaps", settings | {"data": {"a": "2"}})

    with pytest.raises(ApiError, match="the object has been modified") as stale:
        registry.update("configmaps", settings | {"data": {"a": "3"}})
    del settings["metadata"]["resourceVersion"]
    settings["metadata"]["uid"] = "other"
    with pytest.raises(ApiError, match="UID in precondition: other") as strange:
        registry.update("configmaps", settings)

    assert stale.value.code == strange.value.code == 409


def test_an_update_that_changes_nothing_writes_nothing(
    registry: Registry, settings: Object, store: Store
) -> None:
    """The resourceVersion is kept, and watches get no event."""
    before = store.revision()

    same = registry.update("configmaps", settings)

    assert same == settings
    assert store.revision() == before


def test_an_update_of_a_missing_object_is_404(registry: Registry) -> None:
    """It does not create the object."""
    body = config_map()
    body["metadata"]["namespace"] = "default"

    with pytest.raises(ApiError, match='configmaps "settings" not found') as caught:
        registry.update("configmaps", body)

    assert caught.value.code == 404


def test_generation_counts_changes_of_spec_only(
    registry: Registry, controller: Object
) -> None:
    """Not of labels and status."""
    labelled = registry.patch(
        RCS, "rep", "default", {"metadata": {"labels": {"a": "b"}}}
    )
    scaled = registry.patch(RCS, "rep", "default", {"spec": {"replicas": 5}})

    assert labelled["metadata"]["generation"] == 1
    assert scaled["metadata"]["generation"] == 2


def test_status_and_spec_are_written_separately(
    registry: Registry, controller: Object
) -> None:
    """`status` keeps the spec, the object keeps the status."""
    controller["status"] = {"replicas": 2, "observedGeneration": 1}
    controller["spec"]["replicas"] = 7

    by_status = registry.update(RCS, controller, subresource="status")
    assert by_status["status"]["replicas"] == 2
    assert by_status["spec"]["replicas"] == 2

    by_status["status"] = {"replicas": 9}
    by_status["spec"]["replicas"] = 3
    by_object = registry.update(RCS, by_status)
    assert by_object["status"]["replicas"] == 2
    assert by_object["spec"]["replicas"] == 3


def test_immutable_fields_cannot_change(registry: Registry) -> None:
    """The command of a pod: 422, and nothing is stored."""
    made = registry.create("pods", pod(), "default")
    made["spec"]["containers"][0]["command"] = ["other"]

    with pytest.raises(ApiError, match="pod updates may not change fields") as caught:
        registry.update("pods", made)

    assert caught.value.code == 422


@pytest.mark.parametrize(
    ("kind", "patch"),
    [
        (PatchType.MERGE, {"data": {"a": None, "b": "2"}}),
        (PatchType.STRATEGIC, {"data": {"a": None, "b": "2"}}),
        (
            PatchType.JSON,
            [
                {"op": "remove", "path": "/data/a"},
                {"op": "add", "path": "/data/b", "value": "2"},
            ],
        ),
    ],
)
def test_patches_of_three_types(
    registry: Registry, settings: Object, kind: PatchType, patch: Any
) -> None:
    """Each changes only the given fields."""
    new = registry.patch("configmaps", "settings", "default", patch, kind)

    assert new["data"] == {"b": "2"}


def test_a_patch_that_changes_nothing_keeps_the_version(
    registry: Registry, settings: Object
) -> None:
    """kubectl then prints `(no change)`."""
    patch = {"data": {"a": "1"}}
    same = registry.patch("configmaps", "settings", "default", patch)

    assert (
        same["metadata"]["resourceVersion"] == (settings["metadata"]["resourceVersion"])
    )


def test_a_patch_may_require_a_version(registry: Registry, settings: Object) -> None:
    """It contains the resourceVersion."""
    patch = {"metadata": {"resourceVersion": "1"}, "data": {"a": "2"}}

    with pytest.raises(ApiError) as caught:
        registry.patch("configmaps", "settings", "default", patch)

    assert caught.value.code == 409


@pytest.mark.parametrize("field", ["name", "namespace"])
def test_a_patch_cannot_rename(
    registry: Registry, settings: Object, field: str
) -> None:
    """Nor change the namespace."""
    with pytest.raises(ApiError) as caught:
        registry.patch("configmaps", "settings", "default", {"metadata": {field: "x"}})

    assert caught.value.code in (400, 422)


def test_server_side_apply_is_refused_with_a_hint(
    registry: Registry, settings: Object
) -> None:
    """415, and the alternative."""
    with pytest.raises(ApiError, match="without --server-side") as caught:
        registry.patch(
            "configmaps", "settings", "default", config_map(), PatchType.APPLY
        )

    assert caught.value.code == 415


def test_a_patched_object_is_validated(registry: Registry, settings: Object) -> None:
    """Strict finds unknown fields; wrong types are rejected."""
    strict = WriteOptions(field_validation="Strict")
    with pytest.raises(ApiError, match='unknown field "dat"'):
        registry.patch("configmaps", "settings", "default", {"dat": {}}, options=strict)
    with pytest.raises(ApiError, match="cannot unmarshal number"):
        registry.patch("configmaps", "settings", "default", {"data": {"a": 1}})


def test_warnings_are_about_changed_fields(registry: Registry) -> None:
    """Not about existing fields and defaults."""
    registry.create("pods", pod(setHostnameAsFQDN=True), "default")
    options = WriteOptions()

    registry.patch(
        "pods",
        "web",
        "default",
        {"metadata": {"labels": {"a": "b"}}},
        options=options,
    )

    assert options.warnings == []


def test_a_dry_run_of_a_change_writes_nothing(
    registry: Registry, settings: Object, store: Store
) -> None:
    """The response is what would be stored."""
    before = store.revision()
    dry = WriteOptions(dry_run=True)

    new = registry.patch(
        "configmaps", "settings", "default", {"data": {"a": "2"}}, options=dry
    )

    assert new["data"] == {"a": "2"}
    assert store.revision() == before


def test_scale_shows_the_count_and_the_selector(
    registry: Registry, controller: Object
) -> None:
    """autoscaling/v1, with the selector as a string."""
    scale = scale_of(registry)

    assert (scale["apiVersion"], scale["kind"]) == ("autoscaling/v1", "Scale")
    assert scale["spec"] == {"replicas": 2}
    assert scale["status"] == {"replicas": 0, "selector": "app=rep"}
    assert scale["metadata"]["uid"] == controller["metadata"]["uid"]


def test_scale_changes_the_count_only(registry: Registry, controller: Object) -> None:
    """By patch and update; generation is incremented."""
    patched = registry.patch(
        RCS, "rep", "default", {"spec": {"replicas": 3}}, subresource="scale"
    )
    patched["spec"]["replicas"] = 4
    updated = registry.update(RCS, patched, subresource="scale")

    assert updated["spec"] == {"replicas": 4}
    stored = registry.get(RCS, "rep", "default")
    assert stored["spec"]["replicas"] == 4
    assert stored["metadata"]["generation"] == 3


@pytest.mark.parametrize(
    "named",
    [
        {"kind": "ReplicationController"},
        {"apiVersion": "v1", "kind": "ReplicationController"},
        {"apiVersion": "apps/v1", "kind": "Deployment"},
        {"kind": None},
    ],
    ids=str,
)
@pytest.mark.parametrize("subresource", ["", "status", "scale"])
def test_a_strategic_patch_may_name_any_kind(
    registry: Registry, controller: Object, subresource: str, named: Object
) -> None:
    """Upstream takes the type from the path; Ansible sends the parent's kind."""
    before = registry.get(RCS, "rep", "default", subresource=subresource)
    change = {"metadata": {"name": "rep"}, "spec": {"replicas": 3}}
    patched = registry.patch(
        RCS,
        "rep",
        "default",
        named | change,
        PatchType.STRATEGIC,
        subresource=subresource,
    )

    assert (patched["apiVersion"], patched["kind"]) == (
        before["apiVersion"],
        before["kind"],
    )
    changed = 2 if subresource == "status" else 3
    assert registry.get(RCS, "rep", "default")["spec"]["replicas"] == changed


def test_invalid_scales_are_refused(registry: Registry, controller: Object) -> None:
    """Negative counts are 422, a stale version is 409."""
    scale = scale_of(registry)
    scale["spec"]["replicas"] = -1
    with pytest.raises(ApiError, match="greater than or equal to 0") as negative:
        registry.update(RCS, scale, subresource="scale")
    scale = scale_of(registry)
    scale["metadata"]["resourceVersion"] = "1"
    with pytest.raises(ApiError) as stale:
        registry.update(RCS, scale, subresource="scale")

    assert (negative.value.code, stale.value.code) == (422, 409)


def test_a_missing_subresource_is_404(registry: Registry, settings: Object) -> None:
    """ConfigMaps have neither status nor scale."""
    with pytest.raises(ApiError) as caught:
        registry.update("configmaps", settings, subresource="status")

    assert caught.value.code == 404
