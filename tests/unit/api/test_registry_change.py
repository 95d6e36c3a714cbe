"""Replacing and patching objects, their status and their scale."""

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


def test_an_update_replaces_what_was_there(
    registry: Registry, settings: Object
) -> None:
    """What the new version leaves out is gone; what is the system's stays."""
    body = config_map(b="2")
    body["metadata"]["namespace"] = "default"

    new = registry.update("configmaps", body)

    assert new["data"] == {"b": "2"}
    for ours in ("uid", "creationTimestamp"):
        assert new["metadata"][ours] == settings["metadata"][ours]
    assert new["metadata"]["resourceVersion"] == "6"


def test_an_update_of_something_else_than_is_there_is_a_conflict(
    registry: Registry, settings: Object
) -> None:
    """A stale resourceVersion and another uid are 409, in upstream's words."""
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
    """The resourceVersion stays, and no watcher hears of it."""
    before = store.revision()

    same = registry.update("configmaps", settings)

    assert same == settings
    assert store.revision() == before


def test_an_update_of_what_is_not_there_is_404(registry: Registry) -> None:
    """Nothing is created by replacing."""
    body = config_map()
    body["metadata"]["namespace"] = "default"

    with pytest.raises(ApiError, match='configmaps "settings" not found') as caught:
        registry.update("configmaps", body)

    assert caught.value.code == 404


def test_generation_counts_changes_of_spec_only(
    registry: Registry, controller: Object
) -> None:
    """Labels and status leave it alone."""
    labelled = registry.patch(
        RCS, "rep", "default", {"metadata": {"labels": {"a": "b"}}}
    )
    scaled = registry.patch(RCS, "rep", "default", {"spec": {"replicas": 5}})

    assert labelled["metadata"]["generation"] == 1
    assert scaled["metadata"]["generation"] == 2


def test_status_and_the_rest_are_written_apart(
    registry: Registry, controller: Object
) -> None:
    """Through `status` the spec stays, through the object the status does."""
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


def test_what_may_not_change_is_refused(registry: Registry) -> None:
    """A pod's command is not mutable: 422, and nothing is stored."""
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
def test_patches_of_three_kinds(
    registry: Registry, settings: Object, kind: PatchType, patch: Any
) -> None:
    """Each changes what it names and leaves the rest."""
    new = registry.patch("configmaps", "settings", "default", patch, kind)

    assert new["data"] == {"b": "2"}


def test_a_patch_that_changes_nothing_keeps_the_version(
    registry: Registry, settings: Object
) -> None:
    """kubectl then says `(no change)`."""
    patch = {"data": {"a": "1"}}
    same = registry.patch("configmaps", "settings", "default", patch)

    assert (
        same["metadata"]["resourceVersion"] == (settings["metadata"]["resourceVersion"])
    )


def test_a_patch_may_ask_for_a_version(registry: Registry, settings: Object) -> None:
    """With a resourceVersion in it, it applies to that version only."""
    patch = {"metadata": {"resourceVersion": "1"}, "data": {"a": "2"}}

    with pytest.raises(ApiError) as caught:
        registry.patch("configmaps", "settings", "default", patch)

    assert caught.value.code == 409


@pytest.mark.parametrize("field", ["name", "namespace"])
def test_a_patch_cannot_rename(
    registry: Registry, settings: Object, field: str
) -> None:
    """Name and namespace are the object's identity."""
    with pytest.raises(ApiError) as caught:
        registry.patch("configmaps", "settings", "default", {"metadata": {field: "x"}})

    assert caught.value.code in (400, 422)


def test_server_side_apply_is_refused_with_a_hint(
    registry: Registry, settings: Object
) -> None:
    """415, and what to do instead."""
    with pytest.raises(ApiError, match="without --server-side") as caught:
        registry.patch(
            "configmaps", "settings", "default", config_map(), PatchType.APPLY
        )

    assert caught.value.code == 415


def test_a_patched_object_is_checked_like_any_other(
    registry: Registry, settings: Object
) -> None:
    """Strict finds unknown fields, and wrong types are refused."""
    strict = WriteOptions(field_validation="Strict")
    with pytest.raises(ApiError, match='unknown field "dat"'):
        registry.patch("configmaps", "settings", "default", {"dat": {}}, options=strict)
    with pytest.raises(ApiError, match="cannot unmarshal number"):
        registry.patch("configmaps", "settings", "default", {"data": {"a": 1}})


def test_warnings_are_about_what_a_change_brings(registry: Registry) -> None:
    """Fields that were there before, and defaults of ours, are no news."""
    registry.create("pods", pod(priority=7), "default")
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
    """Its answer is what would have been stored."""
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
    """autoscaling/v1, with the selector as text."""
    scale = scale_of(registry)

    assert (scale["apiVersion"], scale["kind"]) == ("autoscaling/v1", "Scale")
    assert scale["spec"] == {"replicas": 2}
    assert scale["status"] == {"replicas": 0, "selector": "app=rep"}
    assert scale["metadata"]["uid"] == controller["metadata"]["uid"]


def test_scale_changes_the_count_only(registry: Registry, controller: Object) -> None:
    """By patch and by update; the controller's generation counts it."""
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
    """Upstream reads the object's type from the path; Ansible names the parent's."""
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


def test_scale_refuses_nonsense(registry: Registry, controller: Object) -> None:
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


def test_a_subresource_that_is_not_there_is_404(
    registry: Registry, settings: Object
) -> None:
    """ConfigMaps have neither status nor scale."""
    with pytest.raises(ApiError) as caught:
        registry.update("configmaps", settings, subresource="status")

    assert caught.value.code == 404
