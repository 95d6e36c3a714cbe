"""Pods on tcp hosts: what has to be reached is published, and found again."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from supervisor.engines.addresses import own_address
from supervisor.model.meta import Object
from supervisor.probing.base import Attempt, Outcome
from supervisor.runtime.base import EngineRefused, SandboxConfig
from supervisor.runtime.docker.runtime import DockerRuntime
from supervisor.runtime.reach import NoWay, PodAddress
from tests import docker_engine
from tests.contract.runtime.lab import DockerLab, eventually, new_pod, see
from tests.integration.reach.servers import Asking
from tests.integration.runtime.engine import Engine
from tests.relay import Relay

pytestmark = pytest.mark.docker

ECHO = ("nc", "-ll", "-p", "8080", "-e", "cat")
WEB = "mkdir /w; printf ok > /w/index.html; exec httpd -f -p 8080 -h /w"
TCP: Object = {"tcpSocket": {"port": 8080}}
GET: Object = {"httpGet": {"port": 8080}}


class Host:
    """The machine's engine at a tcp address of loopback."""

    def __init__(self, publish_address: str = "") -> None:
        self.relay = Relay(docker_engine.ENDPOINT.removeprefix("unix://"))
        self.api = docker_engine.client()
        cluster = docker_engine.new_cluster()
        lab = DockerLab(
            cluster,
            self.relay.endpoint,
            publish_address=publish_address,
            timeout=3,
        )
        self.engine = Engine(lab, self.api, cluster)
        self.runtime: DockerRuntime = self.engine.runtime
        self.asking = Asking(self.runtime)

    def pod(self, *ports: int) -> tuple[SandboxConfig, str]:
        """A pod with a sandbox only, and the id of that."""
        pod = replace(new_pod(), reached_ports=ports)
        return pod, self.runtime.start_sandbox(pod)

    def address(self, pod: SandboxConfig) -> PodAddress:
        seen = see(self.engine.lab, pod)
        return PodAddress(seen.ip, published=seen.published)

    def ask(self, probe: Object, pod: SandboxConfig) -> Attempt:
        return self.asking.ask(probe, self.address(pod))

    def close(self) -> None:
        self.asking.close()
        docker_engine.remove_cluster(self.api, self.engine.cluster)
        self.runtime.close()
        self.relay.cut()
        self.api.close()


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()
    yield made
    made.close()


@pytest.fixture(params=["loopback", "address"])
def any_host(request: pytest.FixtureRequest) -> Iterator[Host]:
    """Ports at loopback are docker-proxy's, those at other addresses the kernel's."""
    made = Host("" if request.param == "loopback" else own_address())
    yield made
    made.close()


def test_probes_get_through(any_host: Host) -> None:
    """An HTTP probe gets the pod's answer, and its failure; restarts change nothing."""
    pod, sandbox = any_host.pod(8080, 9090)
    first = any_host.engine.start(pod, sandbox, ("sh", "-c", WEB))
    before = any_host.address(pod).published

    def well() -> bool:
        return any_host.ask(GET, pod) == Attempt(Outcome.SUCCESS, "ok")

    eventually(well)
    missing = any_host.ask({"httpGet": {"port": 8080, "path": "/none"}}, pod)
    any_host.runtime.kill_container(first)
    any_host.engine.start(pod, sandbox, ("sh", "-c", WEB), attempt=1)
    eventually(well)

    assert missing.output == "HTTP probe failed with statuscode: 404"
    assert any_host.address(pod).published == before
    assert sorted(p.port for p in before) == [8080, 9090]


def test_a_tcp_probe_is_no_false_positive(any_host: Host) -> None:
    """A port that the engine's proxy takes, and the pod does not, is not well."""
    pod, sandbox = any_host.pod(8080)
    nobody = any_host.ask(TCP, pod)

    any_host.engine.start(pod, sandbox, ECHO)

    assert nobody.outcome is Outcome.FAILURE
    assert "refused" in nobody.output or "reset" in nobody.output
    eventually(lambda: any_host.ask(TCP, pod) == Attempt(Outcome.SUCCESS))


def test_port_forward_uses_the_published_port(host: Host) -> None:
    """Bytes get to the pod and back."""
    pod, sandbox = host.pod(8080)
    host.engine.start(pod, sandbox, ECHO)
    eventually(lambda: host.ask(TCP, pod).outcome is Outcome.SUCCESS)

    stream = host.runtime.dial(host.address(pod), 8080, 5)
    stream.write(b"hello")

    assert stream.read() == b"hello"
    stream.close()


def test_a_port_that_is_not_published_is_an_error(host: Host) -> None:
    """No failure, for it says nothing about the container."""
    pod, _ = host.pod(8080)

    attempt = host.ask({"tcpSocket": {"port": 9999}}, pod)
    with pytest.raises(NoWay, match="port 9999 of the pod is not published"):
        host.runtime.dial(host.address(pod), 9999, 5)

    assert attempt.outcome is Outcome.ERROR
    assert "not published" in attempt.output


def test_ports_of_the_engines_choice_never_clash(host: Host) -> None:
    """Pods that listen at the same port get along; a new sandbox has a port anew."""
    pods = [host.pod(8080)[0] for _ in range(3)]

    ports = {p.host_port for pod in pods for p in host.address(pod).published}

    assert len(ports) == 3
    host.runtime.remove_sandbox(see(host.engine.lab, pods[0]).sandboxes[0].id)
    assert see(host.engine.lab, pods[1]).published
    host.runtime.start_sandbox(replace(pods[0], attempt=1))
    assert [p.port for p in host.address(pods[0]).published] == [8080]


def test_a_published_port_goes_with_its_sandbox(host: Host) -> None:
    """A dead sandbox has none."""
    pod, sandbox = host.pod(8080)
    host.runtime.kill_container(sandbox)

    assert see(host.engine.lab, pod).published == ()


def test_an_address_that_is_not_the_hosts_is_explained() -> None:
    """The engine's words, and where they come from."""
    host = Host("203.0.113.9")
    try:
        with pytest.raises(EngineRefused, match="publishAddress must be an address"):
            host.pod(8080)
    finally:
        host.close()


def test_a_host_that_falls_silent_fails_no_probe(host: Host) -> None:
    """Nobody answers, and neither does the engine: that counts as nothing."""
    pod, _ = host.pod(8080)
    address = host.address(pod)
    with_timeout: dict[str, Any] = {"host": "192.0.2.200", "port": 8080}
    host.relay.fall_silent()

    attempt = host.asking.ask({"tcpSocket": with_timeout, "timeoutSeconds": 1}, address)
    refused = host.asking.ask(TCP, address)

    for found in (attempt, refused):
        assert found.outcome is Outcome.ERROR
        assert "host has trouble" in found.output
