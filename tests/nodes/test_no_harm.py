"""When evicting could do harm: all nodes lost, one that flaps, a daemon that dies."""

import signal
import time

import pytest

from tests.checks import always, eventually
from tests.nodes.world import NODE_NUMBERS, World, uid_of

pytestmark = pytest.mark.docker


def test_all_nodes_lost_at_once(world: World) -> None:
    """Nothing is evicted, and it is said; back, the same containers run."""
    pods = world.controller(3)
    world.lone("lone", 1)
    before = world.all_running()
    names = world.names()
    for number in NODE_NUMBERS:
        world.lab.partition(number)
    for number in NODE_NUMBERS:
        world.is_lost(number)

    always(lambda: world.names() == names and len(world.wanted()) == 3, during=6)
    for number in NODE_NUMBERS:
        assert world.condition(number, "EvictionStopped") == "True"
        (event,) = world.events("EvictionStopped", f"n{number}")
        assert "of 3 nodes do not answer" in event["message"]
    assert world.all_running() == before

    for number in NODE_NUMBERS:
        world.lab.heal(number)
    for number in NODE_NUMBERS:
        world.is_back(number)
    eventually(lambda: world.condition(1, "EvictionStopped") == "False", within=20)
    world.engines_hold({uid_of(pod) for pod in world.pods()})
    assert world.all_running() == before
    assert {uid_of(pod) for pod in world.wanted()} == {uid_of(pod) for pod in pods}


def test_the_daemon_is_killed_in_the_middle_of_an_eviction(world: World) -> None:
    """The next one ends what it began, and begins nothing twice."""
    seen = {uid_of(pod) for pod in world.controller(9)}
    world.lab.kill(1)
    eventually(lambda: len(world.wanted()) < 9 or len(world.pods()) > 9)
    world.daemon.stop(signal.SIGKILL)

    world.daemon.start()
    now = {uid_of(pod) for pod in world.runs_elsewhere(1, 9)}
    # Those of the other nodes are still there.
    assert len(seen & now) >= 6
    world.lab.start(1)
    world.is_back(1)

    assert {uid_of(pod) for pod in world.exact(9)} == now


def test_a_node_that_flaps_gets_no_pods(world: World) -> None:
    """From its second loss on; pods are not made anew with every beat."""
    made = {uid_of(pod) for pod in world.controller(3)}
    for turn in range(3):
        world.lab.partition(1)
        world.is_lost(1)
        made |= {uid_of(pod) for pod in world.runs_elsewhere(1, 3)}
        world.lab.heal(1)
        world.is_back(1)
        made |= {uid_of(pod) for pod in world.exact(3)}
        if turn:
            eventually(lambda: world.events("NodeFlapping", "n1"))
    assert "supervisor.io/flapping" in world.taints(1)

    # A pod that has to go somewhere goes elsewhere, though n1 is the emptiest.
    gone = world.wanted()[0]["metadata"]["name"]
    world.daemon.client.delete("pods", gone, "default")
    made |= {uid_of(pod) for pod in world.runs_elsewhere(1, 3)}
    world.exact(3)

    assert len(made) == 3 + 1 + 1


def test_a_host_that_flickers_keeps_its_pods(world: World) -> None:
    """Silence that is shorter than the grace is none, however often it comes."""
    pods = world.controller(3)
    before = world.all_running()
    for _ in range(5):
        world.lab.partition(1)
        time.sleep(0.7)
        world.lab.heal(1)
        time.sleep(1.3)
        assert world.condition(1) == "True"

    assert world.events("NodeNotReady", "n1") == []
    after = world.exact(3)
    assert {uid_of(pod) for pod in after} == {uid_of(pod) for pod in pods}
    assert world.all_running() == before
