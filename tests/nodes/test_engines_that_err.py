"""Engines of nodes with pods that begin to answer wrongly, and then well again."""

import pytest

from tests.checks import eventually, is_ready, pod_manifest
from tests.nodes.world import World, container, uid_of

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("nodes")]


def test_an_engine_that_cannot_start_containers(world: World) -> None:
    """Others do; what it has goes on, and what it could not do is told and done."""
    relay = world.through_relay(1)
    world.controller(3)
    before = world.running(1)
    relay.answer(500, '{"message": "no more"}', only="POST .*/containers/create")
    body = pod_manifest("late", container(), nodeName="n1")
    world.daemon.client.create("pods", body, "default")
    eventually(lambda: any("no more" in e["message"] for e in told(world, "late")))
    world.lone("other", 2)
    assert world.condition(1) == "True"

    relay.heal()
    eventually(lambda: is_ready(world.pod("late")), what="the pod runs at last")

    assert before.items() <= world.running(1).items()
    world.engines_hold({uid_of(pod) for pod in world.pods()})


def told(world: World, pod: str) -> list[dict[str, str]]:
    fields = f"involvedObject.name={pod}"
    return world.daemon.client.list("events", "default", fields=fields).items


def test_a_disk_is_full(world: World) -> None:
    """What runs there goes on; a pod that cannot start says why, and starts later."""
    world.controller(3)
    before = world.running(1)
    world.lab.fill(1)
    body = pod_manifest("late", container(), nodeName="n1")
    world.daemon.client.create("pods", body, "default")
    eventually(
        lambda: any("no space left" in e["message"] for e in told(world, "late")),
        what="an event says that there is no space left",
    )
    assert world.running(1) == before

    world.lab.heal(1)
    eventually(lambda: is_ready(world.pod("late")), what="the pod runs at last")

    assert before.items() <= world.running(1).items()
    world.engines_hold({uid_of(pod) for pod in world.pods()})
