"""Nodes that are removed, or given twice, while pods run."""

import pytest

from supervisor.kinds.identity import ENGINE
from tests.checks import always, eventually
from tests.nodes.world import World, uid_of

pytestmark = pytest.mark.docker


def test_a_node_is_removed_while_pods_run_on_it(world: World) -> None:
    """Its replicas run elsewhere, the lone pod is gone, its engine has nothing."""
    world.controller(3)
    world.lone("lone", 1)
    others = world.running(2) | world.running(3)

    world.remove(1)

    assert world.containers(1) == []
    world.exact(3)
    assert others.items() <= world.all_running().items()
    assert "lone" not in world.names()


def test_a_node_that_is_lost_is_removed_by_force(world: World) -> None:
    """Its pods are gone from the API at once; back, its engine is made clean."""
    world.controller(3)
    world.lone("lone", 1)
    world.lab.partition(1)
    world.is_lost(1)
    now = {uid_of(pod) for pod in world.runs_elsewhere(1, 3)}
    done = world.daemon.supervisor("node", "remove", "n1", "--force")
    assert done.returncode == 0, done.stderr
    eventually(lambda: len(world.pods()) == 3, what="pods of the removed node are gone")
    assert len(world.running(1)) == 2

    world.lab.heal(1)
    world.add(1)

    assert {uid_of(pod) for pod in world.exact(3)} == now
    assert world.containers(1) == []


def test_two_nodes_are_given_the_same_engine(world: World) -> None:
    """The second is never ready, and the pods of the first are left alone."""
    world.controller(3)
    before = world.all_running()
    endpoint = world.lab.relay(1).endpoint()
    assert endpoint.identity is not None
    tls = ("--tls-dir", str(endpoint.identity.folder))
    add = world.daemon.supervisor("node", "add", "twin", endpoint.url, *tls)
    assert add.returncode == 0, add.stderr
    eventually(
        lambda: 'the engine of node "n1" already' in world.engine_says("twin"),
        what="the second is refused",
    )

    always(lambda: world.all_running() == before, during=4)
    assert world.condition_of("twin") == "False"
    assert all(pod["spec"]["nodeName"] != "twin" for pod in world.exact(3))
    world.daemon.client.delete(ENGINE.resource, "twin")
    eventually(lambda: len(world.daemon.client.list(ENGINE.resource).items) == 3)

    names = {node["metadata"]["name"] for node in world.nodes()}
    assert names == {"n1", "n2", "n3"}
    world.exact(3)
    assert world.all_running() == before


def test_a_name_is_given_to_a_second_engine(world: World) -> None:
    """It is refused; the node stays with the engine that it has."""
    world.controller(3)
    before = world.all_running()
    endpoint = world.lab.endpoint(2)
    assert endpoint.identity is not None
    tls = ("--tls-dir", str(endpoint.identity.folder))
    add = world.daemon.supervisor("node", "add", "n1", endpoint.url, *tls)

    assert add.returncode == 1
    assert 'node "n1" already exists' in add.stderr
    world.exact(3)
    assert world.all_running() == before
