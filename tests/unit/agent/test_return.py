"""A host that was lost and is back."""

from supervisor.client.base import DeleteOptions
from supervisor.model.meta import Object
from tests.fakes.agent import Node


def be_lost(node: Node, *pods: str) -> None:
    """The engine is silent beyond the grace; others take readiness from its pods."""
    node.runtime.unavailable = True
    node.clock.advance(10)
    node.agent.heart.beat()
    node.agent.heart.pool.controller.step()
    node.settle()
    for name in pods:
        rows: list[Object] = node.pod(name)["status"]["conditions"]
        changed = [
            row | {"status": "False"} if row["type"] == "Ready" else row for row in rows
        ]
        patch = {"status": {"conditions": changed}}
        node.api.patch("pods", name, "default", patch, subresource="status")
    node.settle()


def come_back(node: Node) -> None:
    node.runtime.unavailable = False
    node.agent.heart.beat()
    node.agent.heart.pool.controller.step()
    node.settle()


def test_containers_of_a_node_that_is_back_in_time_are_untouched(node: Node) -> None:
    """Same containers, same counts, ready again at once."""
    node.run("web")
    before = node.status("web")
    be_lost(node, "web")
    assert node.condition("web", "Ready") == "False"

    come_back(node)

    assert node.status("web") == before
    assert node.condition("web", "Ready") == "True"


def test_nobody_but_the_heart_asks_an_engine_that_is_away(node: Node) -> None:
    """What hangs on a dead connection would still hang when the host is back."""
    node.run("web")
    be_lost(node)
    calls = len(node.runtime.calls)
    node.runtime.unavailable = False  # nobody but the heart may find out
    node.agent.wake(node.typed("web").metadata.uid)
    while node.agent.workers.pool.controller.step():
        pass

    assert len(node.runtime.calls) == calls


def test_what_was_evicted_meanwhile_is_removed(node: Node) -> None:
    """The Terminating pod vanishes with its containers."""
    node.run("web")
    be_lost(node, "web")
    node.delete("web")
    node.clock.advance(60)
    node.settle()
    assert node.exists("web")

    come_back(node)

    assert not node.exists("web")
    assert node.runtime.pods() == {}


def test_what_was_deleted_by_force_meanwhile_is_removed_too(node: Node) -> None:
    """The API does not know it any more; the engine still runs it."""
    node.run("web")
    be_lost(node, "web")
    options = DeleteOptions(grace_period_seconds=0)
    node.api.delete("pods", "web", "default", options)
    node.settle()

    come_back(node)

    assert node.runtime.pods() == {}


def test_what_died_meanwhile_is_restarted(node: Node) -> None:
    """A rebooted host has no running containers; each restart counts once."""
    node.run("web")
    be_lost(node, "web")
    node.runtime.exit("web", "app", 137)
    come_back(node)

    assert node.status("web")["restartCount"] == 1
    assert "running" in node.status("web")["state"]
