"""What a reader gets of objects that it cannot read: it is told that they are there."""

import pytest

from supervisor.api.registry import Registry
from supervisor.client.base import ObjectList
from supervisor.client.tolerant import TolerantClient
from supervisor.kinds.all import CATALOG
from supervisor.model.errors import ApiError
from supervisor.store.sqlite.store import SqliteStore
from tests.damage import damage
from tests.fakes.clock import FakeClock
from tests.odd_objects import Odd


def test_what_is_left_out_of_a_list_is_named_as_unreadable() -> None:
    """Beside what is damaged in the store; asking for it says the same."""
    store = SqliteStore(":memory:")
    registry = Registry(store, FakeClock())
    Odd(CATALOG.kind("pods"), ("spec", "containers"), "none").write(store, "odd")
    for name in ("plain", "damaged"):
        registry.create("configmaps", {"metadata": {"name": name}}, "default")
    damage(store, "configmaps", "default", "damaged")
    tolerant = TolerantClient(registry, "reader")

    def read() -> tuple[ObjectList, ObjectList]:
        pods = tolerant.list("pods")
        assert all(pod["spec"]["containers"][0]["name"] for pod in pods.items)
        return pods, tolerant.list("configmaps", "default")

    with pytest.raises(TypeError):
        read()
    pods, config = tolerant.guard(read)

    assert not pods.items
    assert pods.unreadable == {("default", "odd")}
    assert [obj["metadata"]["name"] for obj in config.items] == ["plain"]
    assert config.unreadable == {("default", "damaged")}
    with pytest.raises(ApiError) as refused:
        tolerant.get("pods", "odd", "default")
    assert refused.value.reason == "StorageReadError"
