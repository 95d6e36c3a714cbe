"""Pods on ssh hosts: probes, hooks and port-forward go through the tunnel."""

import socket
import ssl
import threading
from pathlib import Path

import pytest

from supervisor.agent.pods.execute.hooks import HookFailed, Hooks, Place
from supervisor.model.meta import decode
from supervisor.model.pod import Container, LifecycleHandler
from supervisor.probing.base import Attempt, Outcome
from supervisor.runtime.base import EngineUnavailable
from supervisor.runtime.docker.runtime import DockerRuntime
from tests.certificate import self_signed
from tests.checks import eventually
from tests.grpc_health import health_server
from tests.integration.reach.conftest import is_up, over
from tests.integration.reach.servers import (
    HERE,
    Asking,
    closed_port,
    listener,
    web,
)
from tests.sshd import Sshd

pytestmark = pytest.mark.docker


def test_probes_of_every_kind_get_through(
    runtime: DockerRuntime, asking: Asking
) -> None:
    """HTTP, TCP and gRPC, and an answer that is not well is one."""
    runtime.ping()
    with web() as port, health_server({"": True, "sick": False}) as rpc:
        get = asking.ask({"httpGet": {"port": port}})
        tcp = asking.ask({"tcpSocket": {"port": port}})
        call = asking.ask({"grpc": {"port": rpc}})
        sick = asking.ask({"grpc": {"port": rpc, "service": "sick"}})

    assert get == Attempt(Outcome.SUCCESS, "ok")
    assert tcp == Attempt(Outcome.SUCCESS)
    assert call.outcome is Outcome.SUCCESS
    assert sick.outcome is Outcome.FAILURE and sick.answered


def test_a_port_where_nobody_listens_is_refused(
    runtime: DockerRuntime, asking: Asking
) -> None:
    """A TCP probe too: nothing on the way accepts for the pod."""
    runtime.ping()
    port = closed_port()
    text = f"dial tcp 127.0.0.1:{port}: connect: connection refused"

    assert asking.ask({"tcpSocket": {"port": port}}) == Attempt(Outcome.FAILURE, text)
    assert text in asking.ask({"httpGet": {"port": port}}).output


def test_a_server_that_says_nothing_fails_at_the_timeout(
    runtime: DockerRuntime, asking: Asking
) -> None:
    """The host itself answers, so it is the container's failure."""
    runtime.ping()
    over_now = threading.Event()

    def hang(_: socket.socket) -> None:
        over_now.wait(10)

    with listener(hang) as port:
        attempt = asking.ask({"httpGet": {"port": port}, "timeoutSeconds": 1})
        over_now.set()

    assert attempt.outcome is Outcome.FAILURE
    assert "Client.Timeout exceeded" in attempt.output


def test_a_frozen_host_fails_no_probe(
    sshd: Sshd, runtime: DockerRuntime, asking: Asking
) -> None:
    """Its silence is an error, which counts as nothing, and the tunnel is given up."""
    runtime.ping()
    with web() as port:
        sshd.freeze()
        frozen = asking.ask({"httpGet": {"port": port}, "timeoutSeconds": 1})
        given_up = asking.ask({"tcpSocket": {"port": port}, "timeoutSeconds": 1})
        sshd.thaw()

    assert frozen.outcome is Outcome.ERROR
    assert "host has trouble" in frozen.output
    assert given_up.outcome is Outcome.ERROR
    assert "ssh to lab" in given_up.output


def test_a_tunnel_that_is_down_fails_no_probe(
    sshd: Sshd, runtime: DockerRuntime, asking: Asking
) -> None:
    """The reason is told at once."""
    runtime.ping()
    sshd.stop()
    eventually(lambda: not is_up(runtime), what="the tunnel is down")

    attempt = asking.ask({"tcpSocket": {"port": 80}})

    assert attempt.outcome is Outcome.ERROR
    assert attempt.output.startswith("ssh to lab: ")


def test_a_server_that_forbids_connections_fails_no_probe(tmp_path: Path) -> None:
    """The way is not there, and what to change is said."""
    sshd = Sshd(tmp_path, "AllowTcpForwarding no")
    runtime = over(sshd)
    asking = Asking(runtime)
    with pytest.raises(EngineUnavailable):
        runtime.ping()
    with web() as port:
        asking.ask({"httpGet": {"port": port}})
        attempt = asking.ask({"httpGet": {"port": port}})
    asking.close()
    runtime.close()
    sshd.stop()

    assert attempt.outcome is Outcome.ERROR
    assert "AllowTcpForwarding" in attempt.output


def test_port_forward_gets_bytes_both_ways(runtime: DockerRuntime) -> None:
    """More than any buffer holds, and the end of each direction by itself."""
    runtime.ping()
    sent = bytes(range(256)) * 8192

    def echo(peer: socket.socket) -> None:
        got = b""
        while piece := peer.recv(65536):
            got += piece
        peer.sendall(got)

    with listener(echo) as port:
        stream = runtime.dial(HERE, port, 5)
        stream.write(sent)
        stream.close_write()
        received = b""
        while piece := stream.read():
            received += piece
        stream.close()

    assert received == sent


@pytest.mark.parametrize("scheme", ["HTTP", "HTTPS"])
def test_hooks_get_through(runtime: DockerRuntime, tmp_path: Path, scheme: str) -> None:
    """In plain and over TLS; one that nobody answers fails."""
    runtime.ping()
    context = None
    if scheme == "HTTPS":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self_signed(tmp_path))
    place = Place(Container("app"), "id", HERE, threading.Event())

    def run(port: int) -> None:
        get = {"httpGet": {"port": port, "scheme": scheme}}
        Hooks(runtime).run(decode(LifecycleHandler, get), place, 5)

    with web(context) as port:
        run(port)
    with pytest.raises(HookFailed, match="refused"):
        run(closed_port())
