"""Nodes that fall silent."""

from typing import Any

import pytest

from supervisor.controllers.node_lifecycle import LEASE_NAMESPACE, LEASES
from supervisor.model import times
from supervisor.model.meta import Object
from tests.unit.controllers.build import node_object, pod_object
from tests.unit.controllers.cluster import Cluster


class Watched(Cluster):
    """A node with one ready pod, whose heartbeats a test gives by hand."""

    def __init__(self) -> None:
        super().__init__("node-lifecycle")
        self.create("nodes", node_object("one"))
        made = pod_object("a", owned_by=None, node="one")
        made["spec"]["containers"][0]["image"] = "x"
        condition = {"type": "Ready", "status": "True"}
        self.set_status(self.create("pods", made), conditions=[condition])
        lease: Object = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}
        meta = {"name": "one", "namespace": LEASE_NAMESPACE}
        spec = {"holderIdentity": "one", "renewTime": self._micro()}
        self.api.create(LEASES, lease | {"metadata": meta, "spec": spec})
        self.settle()

    def _micro(self) -> str:
        return times.to_micro_text(self.clock.now())

    def beat(self) -> None:
        spec = {"spec": {"renewTime": self._micro()}}
        self.api.patch(LEASES, "one", LEASE_NAMESPACE, spec)
        self.settle()

    def ready(self) -> Any:
        """(of the node, of its pod)"""
        objects = (
            self.api.get("nodes", "one"),
            self.api.get("pods", "a", "default"),
        )
        found = [
            next(
                c["status"] for c in obj["status"]["conditions"] if c["type"] == "Ready"
            )
            for obj in objects
        ]
        return tuple(found)


@pytest.fixture
def cluster() -> Watched:
    """A node with one ready pod."""
    return Watched()


def test_a_node_that_renews_its_lease_is_left_alone(cluster: Watched) -> None:
    """For however long."""
    for _ in range(20):
        cluster.advance(10)
        cluster.beat()

    assert cluster.ready() == ("True", "True")
    assert cluster.events() == []


def test_a_silent_node_is_unknown_after_fifty_seconds(cluster: Watched) -> None:
    """And its pods are no longer ready."""
    cluster.advance(49)
    assert cluster.ready() == ("True", "True")

    cluster.advance(1)

    assert cluster.ready() == ("Unknown", "False")
    node = cluster.api.get("nodes", "one")
    by_type = {c["type"]: c for c in node["status"]["conditions"]}
    assert by_type["Ready"]["reason"] == "NodeStatusUnknown"
    assert by_type["Ready"]["message"] == "Kubelet stopped posting node status."
    assert by_type["DiskPressure"]["reason"] == "NodeStatusNeverUpdated"
    assert cluster.events() == [
        "NodeNotReady Node is not ready x1",
        "NodeNotReady Node one status is now: NodeNotReady x1",
    ]


def test_marking_a_node_is_no_heartbeat(cluster: Watched) -> None:
    """It is marked once, and stays unknown."""
    cluster.advance(50)
    marked = cluster.api.get("nodes", "one")["metadata"]["resourceVersion"]

    cluster.advance(500)

    assert cluster.api.get("nodes", "one")["metadata"]["resourceVersion"] == marked


def test_a_status_of_the_node_is_a_heartbeat_too(cluster: Watched) -> None:
    """Either kind is enough."""
    cluster.advance(49)
    beat = {"type": "Ready", "status": "True"}
    beat["lastHeartbeatTime"] = times.to_text(cluster.clock.now())
    patch = {"status": {"conditions": [beat]}}
    cluster.api.patch("nodes", "one", "", patch, subresource="status")

    cluster.advance(49)

    assert cluster.ready() == ("True", "True")


def test_a_restart_gives_every_node_the_whole_grace_again(cluster: Watched) -> None:
    """What happened while nobody watched is not known."""
    cluster.advance(45)
    cluster.restart()
    cluster.advance(45)
    assert cluster.ready() == ("True", "True")

    cluster.advance(5)

    assert cluster.ready() == ("Unknown", "False")


def test_a_node_that_never_reported_has_a_minute() -> None:
    """A new node may take longer to say its first word."""
    cluster = Cluster("node-lifecycle")
    silent = node_object("one")
    silent["status"] = {}
    cluster.create("nodes", silent)
    cluster.advance(59)
    assert not cluster.api.get("nodes", "one")["status"].get("conditions")

    cluster.advance(1)

    found = cluster.api.get("nodes", "one")["status"]["conditions"]
    assert {c["reason"] for c in found} == {"NodeStatusNeverUpdated"}
