"""The Node object, as its agent keeps it."""

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


def version_of(node: Node) -> str:
    return str(node.api.get("nodes", NODE)["metadata"]["resourceVersion"])


def test_a_status_that_stays_is_written_every_five_minutes(node: Node) -> None:
    """The Lease is the heartbeat, and far cheaper."""
    beat(node)
    before = version_of(node)
    for _ in range(29):
        node.clock.advance(10)
        beat(node)
    assert version_of(node) == before

    node.clock.advance(10)
    beat(node)
    assert version_of(node) != before


def reachable(found: Object) -> Object:
    rows: list[Object] = found["status"]["conditions"]
    return next(c for c in rows if c["type"] == "EngineReachable")


def go_away(node: Node, seconds: float = 10) -> None:
    """The engine is silent for so long; the heart notices."""
    node.runtime.unavailable = True
    node.clock.advance(seconds)
    node.agent.heart.beat()
    node.agent.heart.pool.controller.step()


def test_a_node_whose_engine_is_silent_says_nothing_of_ready(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    """Its heartbeat stops, and others draw the conclusion; why stands beside it."""
    beat(node)
    node.agent.site.health.found()
    go_away(node)
    found = beat(node)
    assert ready(found)["status"] == "True"
    assert reachable(found)["status"] == "False"
    assert reachable(found)["message"] == "the engine is away"

    node.runtime.unavailable = False
    node.agent.heart.beat()
    node.agent.heart.pool.controller.step()
    assert reachable(beat(node))["status"] == "True"
    said = [r.message for r in caplog.records if "engine of node-1" in r.message]
    assert said == [
        "the engine of node-1 does not answer: the engine is away",
    ]


def test_a_node_that_is_back_says_so_at_once(node: Node) -> None:
    """Nobody has to wait for the next look."""
    beat(node)
    node.agent.site.health.found()
    go_away(node)
    beat(node)
    rows = [ready(beat(node)) | {"status": "Unknown"}]
    patch = {"status": {"conditions": rows}}
    node.api.patch("nodes", NODE, "", patch, subresource="status")

    node.runtime.unavailable = False
    node.agent.heart.beat()
    node.agent.heart.pool.controller.step()
    node.agent.node.controller.step()

    assert ready(node.api.get("nodes", NODE))["status"] == "True"


def test_a_node_whose_engine_was_never_heard_of_is_not_ready(node: Node) -> None:
    """The user waits for it, and is told why."""
    node.runtime.unavailable = True
    found = beat(node)

    assert ready(found)["status"] == "False"
    assert ready(found)["reason"] == "KubeletNotReady"
    assert "the engine is away" in ready(found)["message"]


def test_an_engine_that_answers_only_the_heart_is_not_ready(node: Node) -> None:
    """After half a minute: until then it may just be slow."""
    beat(node)
    node.runtime.unavailable = True
    for _ in range(3):
        node.agent.site.health.found()
        assert ready(beat(node))["status"] == "True"
        node.clock.advance(10)
    node.agent.site.health.found()

    assert ready(beat(node))["status"] == "False"


def test_an_engine_that_keeps_its_info_waiting_is_ready(node: Node) -> None:
    """dockerd does while it looks up a silent registry; what it has told stands."""
    told = beat(node)["status"]["nodeInfo"]
    node.runtime.keeps_info = True
    for _ in range(6):
        node.clock.advance(10)
        node.agent.site.health.found()
        found = beat(node)
        assert ready(found)["status"] == "True"

    assert found["status"]["nodeInfo"] == told


def test_a_node_whose_engine_has_told_nothing_is_not_ready(node: Node) -> None:
    """There is no capacity that could be reported."""
    node.runtime.keeps_info = True

    assert ready(beat(node))["status"] == "False"


def test_a_start_does_not_wait_for_the_engines_info(node: Node) -> None:
    """What the node has been told is enough."""
    beat(node)
    node.runtime.keeps_info = True
    node.run("web")

    assert node.runtime.running("web") == ["app"]


def test_a_node_object_that_is_deleted_is_made_again(node: Node) -> None:
    """As long as its agent runs."""
    beat(node)
    node.api.delete("nodes", NODE)

    assert ready(beat(node))["status"] == "True"


def test_conditions_of_others_stay(node: Node) -> None:
    """Such as that of the brake."""
    beat(node)
    rows = [*node.api.get("nodes", NODE)["status"]["conditions"]]
    rows.append({"type": "EvictionStopped", "status": "True"})
    patch = {"status": {"conditions": rows}}
    node.api.patch("nodes", NODE, "", patch, subresource="status")
    node.clock.advance(301)

    found = {c["type"] for c in beat(node)["status"]["conditions"]}
    assert "EvictionStopped" in found


def test_what_others_put_on_the_node_stays(node: Node) -> None:
    """Cordon, taints and further labels are not the agent's."""
    beat(node)
    patch = {"metadata": {"labels": {"zone": "a"}}, "spec": {"unschedulable": True}}
    node.api.patch("nodes", NODE, "", patch)
    node.clock.advance(301)
    found = beat(node)

    assert found["metadata"]["labels"]["zone"] == "a"
    assert found["spec"]["unschedulable"] is True


def test_after_a_late_heartbeat_the_node_is_looked_at_every_second(node: Node) -> None:
    """Others may be about to say that it is lost; for ten seconds."""
    beat(node)
    node.agent.node.look_closely()
    node.agent.node.controller.step()
    for _ in range(3):
        rows = [ready(node.api.get("nodes", NODE)) | {"status": "Unknown"}]
        patch = {"status": {"conditions": rows}}
        node.api.patch("nodes", NODE, "", patch, subresource="status")
        node.clock.advance(1)
        assert node.agent.node.controller.step()
        assert ready(node.api.get("nodes", NODE))["status"] == "True"
