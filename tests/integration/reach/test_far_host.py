"""Pods on a host of its own, with its own network, engine and TLS."""

from collections.abc import Iterator

import pytest

from supervisor.runtime.docker.runtime import DockerRuntime, Tls
from tests import docker_engine
from tests.checks import always, eventually, shell
from tests.integration.reach.node import Node, node
from tests.integration.reach.test_node import PROBED, SERVE, runs_a_pod
from tests.lab import Lab
from tests.lab.fixtures import lab, lab_of_session

__all__ = ["lab", "lab_of_session"]

pytestmark = pytest.mark.docker


@pytest.fixture
def far(lab: Lab) -> Iterator[Node]:
    """A node on the lab's first host; nothing of it is left there."""
    docker_engine.bring_shell()
    lab.load("supervisor/busybox", onto=[1])
    endpoint = lab.endpoint(1)
    assert endpoint.identity is not None
    files = endpoint.identity
    tls = Tls(str(files.ca), str(files.certificate), str(files.key))
    runtime = DockerRuntime(
        endpoint.url, cluster=docker_engine.new_cluster(), node="n", tls=tls
    )
    with node(runtime) as made:
        yield made
        lab.heal(1)
    for seen in runtime.pods().values():
        for container in (*seen.containers, *seen.sandboxes):
            runtime.remove_container(container.id)
        runtime.remove_volumes(seen.uid)
    runtime.close()


def test_pods_are_probed_and_reached(far: Node) -> None:
    """Their own addresses are not routable from here, and published ports are."""
    runs_a_pod(far)


@pytest.mark.parametrize("trouble", ["partition", "loss"])
def test_trouble_on_the_way_restarts_nothing(far: Node, lab: Lab, trouble: str) -> None:
    """The container is the same afterwards, and well."""
    far.run("web", shell("web", SERVE, **PROBED))
    eventually(lambda: far.status("web").get("ready"), what="the pod is ready")
    before = far.status("web")["containerID"]

    if trouble == "loss":
        lab.lose(1, 30)
    else:
        lab.partition(1)
    always(lambda: far.status("web")["restartCount"] == 0, during=12)
    lab.heal(1)
    always(lambda: far.status("web")["restartCount"] == 0, during=4)

    eventually(lambda: far.status("web").get("ready"), what="the pod is ready again")
    assert far.status("web")["containerID"] == before
