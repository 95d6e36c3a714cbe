"""Which probes are asked while containers are being stopped."""

import pytest

from supervisor.model.meta import Object
from supervisor.probing.base import Attempt, Outcome
from tests.fakes.agent import Node

FAILED = Attempt(Outcome.FAILURE, "HTTP probe failed with statuscode: 500")
EVERY_SECOND = {"exec": {"command": ["true"]}, "periodSeconds": 1}
SLOW_END = {"preStop": {"sleep": {"seconds": 9}}}
LIVE: Object = {"name": "app", "livenessProbe": EVERY_SECOND, "lifecycle": SLOW_END}


def asked(node: Node, container: str = "app") -> int:
    return sum(1 for a in node.asker.asked if a.container == container)


def fail(node: Node, phase: str = "Failed") -> None:
    """Somebody else ends the pod."""
    status = {"status": {"phase": phase, "reason": "Evicted"}}
    node.api.patch("pods", "web", "default", status, subresource="status")
    node.settle()


@pytest.mark.parametrize("kind", ["livenessProbe", "startupProbe"])
def test_nothing_is_asked_while_a_deleted_pod_stops(node: Node, kind: str) -> None:
    """Neither during preStop nor until the container is dead, and no events tell."""
    failing = {**EVERY_SECOND, "failureThreshold": 99}
    node.run("web", {"name": "app", kind: failing, "lifecycle": SLOW_END})
    node.runtime.deaf.add("app")
    node.asker.script["app"] += [FAILED] * 99
    node.advance(3)
    before, told = asked(node), node.events("Unhealthy")
    node.delete("web")

    assert asked(node) == before
    assert node.events("Unhealthy") == told
    assert not node.exists("web")


def test_readiness_is_asked_until_the_end(node: Node) -> None:
    """A pod that terminates can become unready."""
    node.run("web", {**LIVE, "readinessProbe": EVERY_SECOND})
    node.advance(3)
    node.asker.asked.clear()
    node.delete("web")

    assert 8 <= asked(node) <= 10


def test_nothing_is_asked_while_a_pod_stops_for_its_deadline(node: Node) -> None:
    """activeDeadlineSeconds end a pod like a deletion."""
    node.run("web", LIVE, activeDeadlineSeconds=3)
    node.advance(2)
    node.asker.asked.clear()
    node.advance(20)

    assert node.pod("web")["status"]["phase"] == "Failed"
    assert asked(node) <= 1  # at the very second of the deadline


def test_a_sidecar_is_not_asked_while_the_regular_containers_stop(node: Node) -> None:
    """It is stopped after them, and must not be killed for its liveness before."""
    side = {"name": "side", "restartPolicy": "Always", "livenessProbe": EVERY_SECOND}
    node.run("web", LIVE, initContainers=[side])
    node.advance(3)
    node.asker.asked.clear()
    node.delete("web")

    assert asked(node, "app") == 0
    assert asked(node, "side") == 0


def test_a_container_that_failed_its_startup_is_not_asked_while_it_is_killed(
    node: Node,
) -> None:
    """Nor is its liveness; its successor is asked again."""
    probes = {"startupProbe": EVERY_SECOND, "livenessProbe": EVERY_SECOND}
    node.asker.script["app"] += [FAILED] * 3
    node.run("web", {"name": "app", "lifecycle": SLOW_END, **probes})
    node.advance(2)
    first = {a.container_id for a in node.asker.asked}
    node.advance(15)

    asked_of_first = [a for a in node.asker.asked if a.container_id in first]
    assert node.starts("web") == [0, 11]
    assert len(asked_of_first) == 3
    assert len(node.asker.asked) > 5


def test_a_container_whose_definition_changed_is_not_asked_while_it_is_killed(
    node: Node,
) -> None:
    """Whatever a container is stopped for, its liveness does not matter any more."""
    node.runtime.add_image("img:2")
    node.run("web", LIVE)
    node.advance(3)
    node.asker.asked.clear()
    old = node.status("web")["containerID"].removeprefix("docker://")
    pod = node.pod("web")
    pod["spec"]["containers"][0]["image"] = "img:2"
    node.api.update("pods", pod)
    node.settle()
    node.advance(3)

    assert [a for a in node.asker.asked if a.container_id == old] == []
    assert node.starts("web") == [0, 12]
    assert asked(node) > 0


def test_a_container_that_could_not_be_stopped_is_asked_again(node: Node) -> None:
    """An engine that refuses to stop it leaves no container without its probes."""
    node.runtime.add_image("img:2")
    node.run("web", {"name": "app", "livenessProbe": EVERY_SECOND})
    node.advance(3)
    node.runtime.refused_stops.add("app")
    pod = node.pod("web")
    pod["spec"]["containers"][0]["image"] = "img:2"
    node.api.update("pods", pod)
    node.settle()
    node.asker.asked.clear()
    node.advance(3)
    assert asked(node) >= 2
    assert node.starts("web") == [0]

    node.runtime.refused_stops.clear()
    node.advance(60)
    assert len(node.starts("web")) == 2


@pytest.mark.parametrize("phase", ["Failed", "Succeeded"])
def test_a_pod_that_others_have_ended_stops(node: Node, phase: str) -> None:
    """Its status alone has changed: its containers are stopped, nothing is asked."""
    node.run("web", LIVE)
    node.advance(3)
    node.asker.asked.clear()
    fail(node, phase)

    assert node.events("Killing") == ["Stopping container app"]
    assert asked(node) == 0
    status = node.pod("web")["status"]
    assert (status["phase"], status["reason"]) == (phase, "Evicted")
    assert "terminated" in node.status("web")["state"]
    assert node.condition("web", "Ready") == "False"
    seen = node.seen("web")
    assert seen is not None
    assert not seen.sandboxes


def test_a_pod_that_was_ended_while_no_agent_ran_stops(node: Node) -> None:
    """The next agent finds the phase, not its change."""
    node.run("web")
    status = {"status": {"phase": "Failed"}}
    node.api.patch("pods", "web", "default", status, subresource="status")
    node.restart()
    node.settle()

    assert "terminated" in node.status("web")["state"]


def test_an_end_that_crosses_our_own_report_is_seen(node: Node) -> None:
    """Our report meets a newer version, and that one is taken for what it says."""
    uid = node.run("web")
    record = node.agent.bound_pods.get(uid)
    assert record is not None
    status = {"status": {"phase": "Failed"}}
    newer = node.api.patch("pods", "web", "default", status, subresource="status")
    node.agent.bound_pods.put(newer)
    node.settle()

    assert "terminated" in node.status("web")["state"]
