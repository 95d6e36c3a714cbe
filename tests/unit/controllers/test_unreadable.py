"""Objects that nobody can read, written straight into the store: they stop nobody."""

import os
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from supervisor.kinds.base import Resource
from supervisor.machinery.metrics import UNREADABLE
from supervisor.model import times
from supervisor.model.meta import Object
from tests.odd_objects import STORED, Odd, odd_objects
from tests.unit.controllers.build import pod_object, rc_object
from tests.unit.controllers.hosts import Hosts

ODD_EACH = 30
_BY_KIND = {resource.identity.kind: resource for resource in STORED}
POD, NODE, RC = (_BY_KIND[k] for k in ("Pod", "Node", "ReplicationController"))
EVENT, NAMESPACE, LEASE = (_BY_KIND[k] for k in ("Event", "Namespace", "Lease"))
SECRET, DEPLOYMENT = _BY_KIND["Secret"], _BY_KIND["Deployment"]


class World(Hosts):
    """Three nodes, and work for every controller, beside odd objects."""

    def __init__(self, odd: Sequence[Odd]) -> None:
        super().__init__(3)
        self.odd = odd
        half = len(odd) // 2
        self._write(0, half)
        self.restart()
        self.settle()
        self._write(half, len(odd))
        self.settle()

    def _write(self, first: int, last: int) -> None:
        for number in range(first, last):
            self.odd[number].write(self.store, f"odd-{number}")

    def replicas(self) -> list[Object]:
        """Those of the controller `kubia` that are not being deleted."""
        pods = self.api.list("pods", labels="app=kubia").items
        return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]

    def nodes_of_replicas(self) -> set[str]:
        return {pod["spec"].get("nodeName", "") for pod in self.replicas()}

    def has(self, resource: str, name: str, namespace: str = "default") -> bool:
        listed = self.api.list(resource, namespace).items
        return any(obj["metadata"]["name"] == name for obj in listed)


def check_replication_and_scheduler(world: World) -> None:
    world.create("replicationcontrollers", rc_object(4), "default")
    world.settle()
    assert len(world.replicas()) == 4
    assert "" not in world.nodes_of_replicas()


def check_garbage_collector(world: World) -> None:
    owner = world.api.create("configmaps", config("owner"))
    world.api.create("configmaps", config("dependent", owner))
    world.settle()
    world.api.delete("configmaps", "owner", "default")
    world.settle()
    assert not world.has("configmaps", "dependent")


def config(name: str, owner: Object | None = None) -> Object:
    meta: Object = {"name": name, "namespace": "default"}
    if owner is not None:
        uid = owner["metadata"]["uid"]
        reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner"}
        meta["ownerReferences"] = [reference | {"uid": uid}]
    return {"metadata": meta}


def check_namespaces(world: World) -> None:
    world.api.create("namespaces", {"metadata": {"name": "going"}})
    world.api.create("configmaps", {"metadata": {"name": "a"}}, "going")
    world.api.delete("namespaces", "going")
    world.settle()
    assert not world.has("namespaces", "going", "")


def check_event_expiry_and_pod_gc(world: World) -> None:
    old = times.to_text(world.clock.now() - 4 * 24 * 3600)
    event = {"metadata": {"name": "old"}, "involvedObject": {"namespace": "default"}}
    world.api.create("events", event | {"lastTimestamp": old}, "default")
    lost = pod_object("lost", owned_by=None, node="nowhere", labels={})
    lost["spec"]["containers"][0]["image"] = "x"
    world.create("pods", lost)
    world.pass_time(310)
    assert not world.has("events", "old")
    assert not world.has("pods", "lost")


def check_lost_nodes(world: World) -> None:
    world.lose("three")
    world.pass_time(16)
    assert "unreachable:NoExecute" in world.taints("three")
    assert len(world.replicas()) == 4
    assert "three" not in world.nodes_of_replicas()


def check_all(world: World) -> None:
    check_replication_and_scheduler(world)
    check_garbage_collector(world)
    check_namespaces(world)
    check_event_expiry_and_pod_gc(world)
    check_lost_nodes(world)


def test_without_odd_objects_every_controller_does_its_work() -> None:
    """What the next test expects is what happens anyway."""
    check_all(World([]))


@given(st.lists(odd_objects(), min_size=ODD_EACH, max_size=ODD_EACH))
@settings(
    max_examples=int(os.environ.get("ODD_EXAMPLES", "5")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    # Which of them it was stands in the log; finding the fewest takes minutes.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
def test_no_odd_object_stops_any_controller(odd: list[Odd]) -> None:
    """Thirty at once, of any kinds: each controller still does its work."""
    check_all(World(odd))


_CASES: dict[str, tuple[Resource, tuple[str | int, ...], Any]] = {
    "scheduler": (POD, ("spec", "containers", 0, "args"), [None]),
    "node-controller": (NODE, ("status", "conditions"), [None]),
    "event-expiry": (EVENT, ("lastTimestamp",), "yesterday"),
    "taints": (NODE, ("spec", "taints"), [{}]),
    "quantity": (POD, ("spec", "containers", 0, "resources", "requests"), {"cpu": "x"}),
    "selector": (RC, ("spec", "selector"), ["a"]),
    "no selector": (RC, ("spec", "selector"), None),
    "another selector": (RC, ("spec", "selector"), {"b": "c"}),
    "no labels": (RC, ("spec", "template", "metadata", "labels"), None),
    "owners": (POD, ("metadata", "ownerReferences"), [{}]),
    "spec": (POD, ("spec",), "none"),
    "no defaults": (DEPLOYMENT, ("metadata", "managedFields", 0, "fieldsType"), "x"),
    "metadata": (POD, ("metadata",), []),
    "namespace": (NAMESPACE, ("metadata", "deletionTimestamp"), "never"),
    "lease": (LEASE, ("spec",), 7),
}


@pytest.mark.parametrize("case", _CASES)
def test_one_odd_object_stops_nobody(case: str) -> None:
    """Those that are known to have stopped somebody, or could have."""
    check_all(World([Odd(*_CASES[case])]))


def test_what_an_unreadable_owner_has_made_stays() -> None:
    """It is there, though the garbage collector cannot read it."""
    secret = Odd(SECRET, ("metadata", "ownerReferences", 0, "uid"), 0.5)
    fields = ("spec", "template", "metadata", "managedFields", 0, "subresource")
    world = World([Odd(RC, fields, 2**70), secret])
    made = pods_of(world, "odd-0")

    world.pass_time(700)

    assert made == pods_of(world, "odd-0") != set()


def pods_of(world: World, owner: str) -> set[str]:
    pods = world.api.list("pods").items
    owned = [p for p in pods if p["metadata"].get("ownerReferences")]
    return {
        pod["metadata"]["uid"]
        for pod in owned
        if pod["metadata"]["ownerReferences"][0]["name"] == owner
    }


def test_what_is_set_aside_is_told_of() -> None:
    """By an event of the object and by a counter, once for each reader."""
    before = UNREADABLE.value("default-scheduler", "pods")
    world = World([Odd(POD, ("spec", "containers"), "none")])
    check_replication_and_scheduler(world)

    told = world.api.list("events", fields="reason=Unreadable").items

    mine = [e for e in told if e["source"]["component"] == "default-scheduler"]
    assert [e["involvedObject"]["name"] for e in mine] == ["odd-0"]
    assert "PodSpec.spec.containers of type []v1.Container" in mine[0]["message"]
    assert UNREADABLE.value("default-scheduler", "pods") == before + 1


def test_a_damaged_object_can_be_read_mended_and_deleted() -> None:
    """By any user, through the API as it is."""
    world = World([Odd(POD, ("spec",), "none"), Odd(NODE, ("status",), "none")])
    assert world.has("pods", "odd-0")

    patch = {"metadata": {"labels": {"a": "b"}}}
    mended = world.api.patch("nodes", "odd-1", "", patch)
    world.api.delete("pods", "odd-0", "default")
    world.settle()

    assert mended["status"]["daemonEndpoints"] == {"kubeletEndpoint": {"Port": 0}}
    assert not world.has("pods", "odd-0")
