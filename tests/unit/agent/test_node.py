"""The Node object and its Lease."""

import pytest

from supervisor.model.meta import Object
from tests.fakes.agent import NODE, Node


def beat(node: Node) -> Object:
    """One heartbeat; the Node object after it."""
    node.agent.node.wake()
    node.agent.node.controller.step()
    return node.api.get("nodes", NODE)


def ready(found: Object) -> Object:
    rows: list[Object] = found["status"]["conditions"]
    return next(c for c in rows if c["type"] == "Ready")


def lease(node: Node) -> Object:
    return node.api.get("leases.coordination.k8s.io", NODE, "kube-node-lease")


def test_a_node_registers_itself(node: Node) -> None:
    """Labels, capacity, addresses and what runs on it."""
    found = beat(node)

    assert found["metadata"]["labels"]["kubernetes.io/hostname"] == NODE
    assert found["metadata"]["labels"]["kubernetes.io/arch"] == "amd64"
    capacity = {"cpu": "4", "memory": f"{8 << 20}Ki", "pods": "110"}
    assert found["status"]["capacity"] == capacity
    assert {"type": "InternalIP", "address": "192.0.2.7"} in found["status"][
        "addresses"
    ]
    info = found["status"]["nodeInfo"]
    assert info["containerRuntimeVersion"] == "docker://20.10.24"
    assert ready(found)["reason"] == "KubeletReady"
    assert ready(found)["message"] == "kubelet is posting ready status"
    assert "Node node-1 status is now: NodeReady" in node.events("NodeReady")


def test_the_lease_is_renewed_every_ten_seconds(node: Node) -> None:
    """It says that the agent lives; the status is written far less often."""
    beat(node)
    before, version = lease(node)["spec"], version_of(node)
    node.clock.advance(10)
    node.agent.node.controller.step()

    assert lease(node)["spec"]["renewTime"] > before["renewTime"]
    assert version_of(node) == version

    for _ in range(30):
        node.clock.advance(10)
        node.agent.node.controller.step()
    assert version_of(node) != version


def version_of(node: Node) -> str:
    return str(node.api.get("nodes", NODE)["metadata"]["resourceVersion"])


def test_a_node_whose_engine_is_away_is_not_ready(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    """The reason is the engine's; when it is back, so is the node."""
    since = ready(beat(node))["lastTransitionTime"]
    node.runtime.unavailable = True
    node.clock.advance(10)
    found = beat(node)
    assert ready(found)["status"] == "False"
    assert ready(found)["reason"] == "KubeletNotReady"
    assert "the engine is away" in ready(found)["message"]
    assert ready(found)["lastTransitionTime"] > since
    assert lease(node)["spec"]["holderIdentity"] == NODE

    node.runtime.unavailable = False
    assert ready(beat(node))["status"] == "True"
    said = [r.message for r in caplog.records if "engine of node-1" in r.message]
    assert len(said) == 1


def test_what_others_put_on_the_node_stays(node: Node) -> None:
    """Cordon, taints and further labels are not the agent's."""
    beat(node)
    patch = {"metadata": {"labels": {"zone": "a"}}, "spec": {"unschedulable": True}}
    node.api.patch("nodes", NODE, "", patch)
    node.clock.advance(301)
    found = beat(node)

    assert found["metadata"]["labels"]["zone"] == "a"
    assert found["spec"]["unschedulable"] is True
