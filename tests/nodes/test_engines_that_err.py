"""Engines of nodes with pods that begin to answer wrongly, and then well again."""

import pytest

from tests.checks import eventually, is_ready, pod_manifest
from tests.lab import Flaw
from tests.nodes.world import World, container, uid_of

pytestmark = pytest.mark.docker


def test_a_certificate_expires_under_running_pods(world: World) -> None:
    """The node is lost, the Engine says why; with a good one it is back."""
    world.controller(3)
    world.lab.recertify(1, Flaw.EXPIRED)
    world.is_lost(1)
    now = {uid_of(pod) for pod in world.runs_elsewhere(1, 3)}
    eventually(
        lambda: "certificate has expired" in world.engine_says("n1"),
        within=20,
        what="the Engine says that the certificate has expired",
    )

    world.lab.recertify(1, Flaw.NONE)
    world.is_back(1)

    assert {uid_of(pod) for pod in world.exact(3)} == now


def test_an_engine_begins_to_answer_errors(world: World) -> None:
    """To everything: its replicas run elsewhere until it is well again."""
    relay = world.through_relay(1)
    world.controller(3)
    relay.answer(500, '{"message": "the disk is on fire"}')
    world.is_lost(1)
    now = {uid_of(pod) for pod in world.runs_elsewhere(1, 3)}

    relay.heal()
    world.is_back(1)

    assert {uid_of(pod) for pod in world.exact(3)} == now


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


def test_an_engine_becomes_too_old(world: World) -> None:
    """As after a downgrade: refused in words that help, and taken up again."""
    relay = world.through_relay(1)
    world.controller(3)
    relay.report_version("1.40")
    world.is_lost(1)
    now = {uid_of(pod) for pod in world.runs_elsewhere(1, 3)}
    eventually(
        lambda: "speaks API 1.40, and 1.41 is needed" in world.engine_says("n1"),
        within=20,
        what="the Engine says that it is too old",
    )

    relay.heal()
    world.is_back(1)

    assert {uid_of(pod) for pod in world.exact(3)} == now
