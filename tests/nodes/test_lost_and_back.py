"""A host is lost in every way there is, and comes back: the book's Figure 4.1."""

from collections.abc import Callable

import pytest

from supervisor.model.meta import Object
from tests.checks import always, eventually
from tests.lab import Lab, Way
from tests.nodes.world import World, restarts, tolerations, uid_of

pytestmark = pytest.mark.docker

Fault = Callable[[Lab], Lab]


def is_evicted(world: World, name: str) -> bool:
    return "deletionTimestamp" in world.pod(name)["metadata"]


def lost(world: World) -> list[Object]:
    """Node 1, with a replica and the lone pod, has been lost; the new replicas."""
    world.is_lost(1)
    eventually(lambda: is_evicted(world, "lone"), what="the lone pod is evicted")
    return world.runs_elsewhere(1, 3)


def test_a_host_that_loses_its_power(world: World) -> None:
    """Replicas run elsewhere, the lone pod is lost; back, the count is exact."""
    before = {uid_of(pod) for pod in world.controller(3)}
    world.lone("lone", 1)
    assert len(world.running(1)) == 2

    world.lab.kill(1)
    now = {uid_of(pod) for pod in lost(world)}
    assert len(before & now) == 2
    assert "node.kubernetes.io/unreachable" in world.taints(1)
    world.lab.start(1)
    world.is_back(1)

    assert {uid_of(pod) for pod in world.exact(3)} == now
    assert world.containers(1) == []


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(lambda lab: lab.freeze(1), id="host frozen"),
        pytest.param(lambda lab: lab.freeze(1, engine_only=True), id="engine frozen"),
        pytest.param(lambda lab: lab.partition(1), id="cut off"),
        pytest.param(lambda lab: lab.partition(1, way=Way.IN), id="hears nothing"),
        pytest.param(lambda lab: lab.partition(1, way=Way.OUT), id="is not heard"),
    ],
)
def test_a_host_that_falls_silent(world: World, fault: Fault) -> None:
    """It keeps its containers in vain: when it is heard again, they are removed."""
    world.controller(3)
    world.lone("lone", 1)
    fault(world.lab)
    now = {uid_of(pod) for pod in lost(world)}
    # What nobody can confirm is not said to be gone.
    assert is_evicted(world, "lone")

    world.lab.heal(1)
    world.is_back(1)

    assert {uid_of(pod) for pod in world.exact(3)} == now
    assert world.containers(1) == []
    assert "node.kubernetes.io/unreachable" not in world.taints(1)


def test_an_engine_that_is_killed_and_back_before_eviction(world: World) -> None:
    """Its containers are not touched, and keep their restart counts."""
    pods = world.controller(3, tolerations=tolerations(60))
    (mine,) = [p for p in pods if p["spec"]["nodeName"] == "n1"]
    name = mine["metadata"]["name"]
    world.inside(1).kill(world.running(1)[name])
    eventually(lambda: restarts(world.pod(name)) == 1 and world.running(1))
    world.exact(3)
    before = world.all_running()

    world.lab.crash(1)
    world.is_lost(1)
    assert len(world.wanted()) == 3
    world.lab.start(1)
    world.is_back(1)

    after = world.exact(3)
    assert world.all_running() == before
    assert {uid_of(pod) for pod in after} == {uid_of(pod) for pod in pods}
    assert restarts(world.pod(name)) == 1


def test_a_host_that_loses_packets_is_not_lost(patient_world: World) -> None:
    """30 % of them, both ways, for as long as it takes."""
    world = patient_world
    world.controller(3)
    before = world.all_running()
    # A daemon that has just started declares nobody lost for its first 10 seconds.
    world.lab.lose(1, 30)

    always(lambda: world.condition(1) == "True", during=32)

    assert world.events("NodeNotReady") == []
    world.lab.heal(1)
    world.exact(3)
    assert world.all_running() == before
