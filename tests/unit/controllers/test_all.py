"""All controllers together, on threads as in the daemon and by hand."""

import threading
from collections.abc import Callable

import pytest

from supervisor.api.registry.registry import Registry
from supervisor.client.events import EventRecorder
from supervisor.controllers.all import start_all
from supervisor.kinds.all import CATALOG
from supervisor.machinery.clock import SystemClock
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.store.sqlite.store import SqliteStore
from tests.unit.controllers.build import node_object, rc_object
from tests.unit.controllers.cluster import Cluster

RCS = "replicationcontrollers"


def until(holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold within five seconds."""
    pause = threading.Event()
    for _ in range(500):
        if holds():
            return True
        pause.wait(0.01)
    return False


def test_the_daemon_creates_places_and_removes_pods() -> None:
    """From an applied controller to bound pods and back to nothing."""
    clock = SystemClock()
    api = Registry(SqliteStore(":memory:"), clock)
    node = node_object("one")
    del node["metadata"]["uid"]
    api.create("nodes", node)
    recorders: dict[str, EventRecorder] = {}

    def recorder_for(component: str) -> EventRecorder:
        return recorders.setdefault(component, EventRecorder(api, clock, component))

    running = start_all(api, clock, recorder_for)
    rc = rc_object(3)
    del rc["metadata"]["uid"]

    def bound() -> list[Object]:
        pods = api.list("pods").items
        return [pod for pod in pods if pod["spec"].get("nodeName")]

    api.create(RCS, rc, "default")
    assert until(lambda: len(bound()) == 3)
    api.delete("pods", bound()[0]["metadata"]["name"], "default")
    assert until(lambda: len(bound()) == 4)
    api.patch(RCS, "kubia", "default", {"spec": {"replicas": 0}})

    def all_going() -> bool:
        return all("deletionTimestamp" in pod["metadata"] for pod in bound())

    assert until(all_going)
    for each in running:
        each.stop()
    for recorder in recorders.values():
        recorder.stop()
    clock.close()
    assert "replication-0" not in {thread.name for thread in threading.enumerate()}


def test_the_controllers_know_every_kind_that_is_served() -> None:
    """A kind that is added is collected, and goes with its namespace."""
    cluster = Cluster("garbage-collector", "namespaces")
    heard = {rule.name: set(rule.resources) for rule in cluster.rules}
    writable = CATALOG.writable
    collected = {k.identity.resource for k in writable if k.deletion.collected}
    namespaced = {k.identity.resource for k in writable if k.identity.namespaced}

    assert heard["garbage-collector"] == collected
    assert heard["namespaces"] == namespaced & collected | {"namespaces"}


class Interrupted(ApiError):
    """The daemon died at this write."""


@pytest.mark.parametrize("writes", range(12))
def test_after_dying_at_any_write_the_end_is_the_same(writes: int) -> None:
    """The controllers take up from the present whatever they had begun."""
    cluster = Cluster("replication", "scheduler", "garbage-collector")
    cluster.create("nodes", node_object("one"))
    cluster.create(RCS, rc_object(4), "default")
    left = [writes]

    def die(*_: object, **__: object) -> Object:
        raise Interrupted(503, "ServiceUnavailable", "the daemon died")

    create, update, bind = cluster.api.create, cluster.api.update, cluster.api.bind

    def counted(call: Callable[..., object]) -> Callable[..., object]:
        def may_die(*args: object, **options: object) -> object:
            left[0] -= 1
            return die() if left[0] < 0 else call(*args, **options)

        return may_die

    for name, call in (("create", create), ("update", update), ("bind", bind)):
        setattr(cluster.api, name, counted(call))
    cluster.settle()
    left[0] = 10_000
    cluster.restart()
    cluster.settle()

    pods = cluster.pods()
    assert len(pods) == 4
    assert all(pod["spec"].get("nodeName") == "one" for pod in pods)
    assert cluster.api.get(RCS, "kubia", "default")["status"]["replicas"] == 4
