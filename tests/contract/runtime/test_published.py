"""Published ports, for the fake engine and for Docker."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from supervisor.runtime.base import Runtime, SandboxConfig
from supervisor.runtime.docker.runtime import DockerRuntime
from supervisor.runtime.reach import NoWay, PodAddress
from supervisor.runtime.reach.published import Published
from tests import docker_engine
from tests.contract.runtime.lab import FakeLab, new_pod

HOST = "127.0.0.1"


@pytest.fixture(params=["fake", pytest.param("docker", marks=pytest.mark.docker)])
def runtime(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    if request.param == "fake":
        lab = FakeLab()
        lab.fake.reach = Published(HOST)
        yield lab.fake
        return
    cluster = docker_engine.new_cluster()
    made = DockerRuntime(
        docker_engine.ENDPOINT, cluster=cluster, node="n", reach="Published"
    )
    yield made
    made.close()
    api = docker_engine.client()
    docker_engine.remove_cluster(api, cluster)
    api.close()


def address(runtime: Runtime, pod: SandboxConfig) -> PodAddress:
    seen = runtime.pod(pod.pod_uid)
    assert seen is not None
    return PodAddress(seen.ip, published=seen.published)


def test_each_port_has_one_of_the_hosts(runtime: Runtime) -> None:
    """Only those that have to be reached, and no two pods have the same one."""
    pods = [replace(new_pod(), reached_ports=(8080, 9090)) for _ in range(2)]
    for pod in pods:
        runtime.start_sandbox(pod)

    ways = {
        runtime.reach.way(address(runtime, pod), port).port
        for pod in pods
        for port in (8080, 9090)
    }

    assert len(ways) == 4
    assert {p.host_ip for p in address(runtime, pods[0]).published} == {HOST}
    with pytest.raises(NoWay):
        runtime.reach.way(address(runtime, pods[0]), 80)


def test_all_pods_are_told_with_their_ports(runtime: Runtime) -> None:
    """A look at everything and one at a pod agree."""
    pod = replace(new_pod(), reached_ports=(8080,))
    runtime.start_sandbox(pod)

    assert runtime.pods()[pod.pod_uid].published == address(runtime, pod).published


def test_a_dead_sandbox_has_no_ports(runtime: Runtime) -> None:
    """They go with it."""
    pod = replace(new_pod(), reached_ports=(8080,))
    runtime.kill_container(runtime.start_sandbox(pod))

    assert address(runtime, pod).published == ()


def test_the_hosts_network_needs_no_ports(runtime: Runtime) -> None:
    """They are the host's already."""
    pod = replace(new_pod(host_network=True), reached_ports=(8080,))
    runtime.start_sandbox(pod)

    assert address(runtime, pod).published == ()
