"""Damaged objects in the store do not affect others, and are kept."""

import pytest

from supervisor.api.http import create_app
from supervisor.api.registry import Registry
from supervisor.client.base import DeleteOptions, WatchEvent
from supervisor.client.feed import Feed
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.store.sqlite.store import SqliteStore
from tests.damage import damage
from tests.fakes.asgi import Asgi
from tests.fakes.clock import FakeClock
from tests.fakes.node import FakeNode, FakeNodes


def config_map(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}


@pytest.fixture
def damaged(registry: Registry, store: SqliteStore) -> Registry:
    """An API with three ConfigMaps, of which b is damaged."""
    for name in "abc":
        registry.create("configmaps", config_map(name), "default")
    damage(store, "configmaps", "default", "b")
    return registry


def test_lists_omit_damaged_objects_with_a_warning(
    damaged: Registry, clock: FakeClock
) -> None:
    """The others are listed."""
    found = damaged.list("configmaps", "default")
    app = create_app(damaged, FakeNodes(FakeNode()), ["sesame"], clock=clock)
    answer = Asgi(app, "sesame")("GET", "/api/v1/namespaces/default/configmaps")

    assert [i["metadata"]["name"] for i in found.items] == ["a", "c"]
    assert found.unreadable == {("default", "b")}
    (warning,) = answer.all("warning")
    assert "configmaps default/b is damaged in the store" in warning


def test_reading_a_damaged_object_is_an_error_with_hints(damaged: Registry) -> None:
    """Not a 404: upstream's reason, and possible actions."""
    with pytest.raises(ApiError, match=r"is damaged in the store.*delete it") as caught:
        damaged.get("configmaps", "b", "default")

    assert (caught.value.code, caught.value.reason) == (500, "StorageReadError")
    assert caught.value.details["name"] == "b"


def test_a_damaged_object_can_be_deleted_by_its_name(damaged: Registry) -> None:
    """But not with a uid as precondition: its uid is unknown."""
    with pytest.raises(ApiError, match="damaged"):
        damaged.delete("configmaps", "b", "default", DeleteOptions(uid="some"))

    damaged.delete("configmaps", "b", "default")

    with pytest.raises(ApiError, match="not found"):
        damaged.get("configmaps", "b", "default")


def test_a_damaged_object_can_be_replaced_by_creation(damaged: Registry) -> None:
    """Its name is available."""
    damaged.create("configmaps", config_map("b"), "default")
    assert len(damaged.list("configmaps", "default").items) == 3


def test_a_feed_keeps_a_damaged_object(registry: Registry, store: SqliteStore) -> None:
    """It is only missing from the next list; its deletion is reported as last known."""
    seen: list[WatchEvent] = []
    feed = Feed(registry, "configmaps", seen.append)
    made = registry.create("configmaps", config_map("b"), "default")
    feed._list()
    damage(store, "configmaps", "default", "b")

    feed._list()
    assert [e.type for e in seen] == ["ADDED", "SYNCED", "SYNCED"]
    cursor = registry.cursor("configmaps", since=feed._version)
    registry.delete("configmaps", "b", "default")
    for event in cursor.poll():
        feed._handle(event)

    assert seen[-1].type == "DELETED"
    assert seen[-1].object["metadata"]["uid"] == made["metadata"]["uid"]


def test_deletion_of_a_damaged_object_is_sent_to_all_watches(
    damaged: Registry,
) -> None:
    """Its labels are unknown."""
    cursor = damaged.cursor(
        "configmaps", since=str(damaged.list("configmaps").resource_version), labels="x"
    )

    damaged.delete("configmaps", "b", "default")

    (event,) = cursor.poll()
    assert (event.type, event.object["metadata"]["name"]) == ("DELETED", "b")
    assert event.object["kind"] == "ConfigMap"
