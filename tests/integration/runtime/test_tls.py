"""An engine behind TLS, with certificates on both sides."""

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.runtime.base import EngineUnavailable
from supervisor.runtime.docker import DockerRuntime, Tls
from tests import docker_engine
from tests.contract.runtime.lab import Listener, eventually, new_pod, start
from tests.integration.runtime.engine import Engine
from tests.relay import Relay

pytestmark = pytest.mark.docker

_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"


def make_certificates(folder: Path) -> None:
    """ca.pem, and server.pem and client.pem signed by it, with their keys."""

    def openssl(words: str) -> None:
        command = ["openssl", *words.split()]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)

    openssl(f"req -x509 {_KEY} -subj /CN=ca -keyout ca-key.pem -out ca.pem")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1")
    for name in ("server", "client"):
        key = f"-keyout {name}-key.pem -out {name}.csr"
        openssl(f"req {_KEY.replace('-days 2', '')} -subj /CN={name} {key}")
        signer = "-CA ca.pem -CAkey ca-key.pem -CAcreateserial -extfile names"
        openssl(f"x509 -req -in {name}.csr {signer} -days 2 -out {name}.pem")


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    """The real engine behind a server that asks for certificates."""
    make_certificates(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server-key.pem")
    context.load_verify_locations(tmp_path / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    made = Relay(docker_engine.ENDPOINT.removeprefix("unix://"), tls=context)
    yield made
    made.cut()


def tls_in(folder: Path) -> Tls:
    client, key = folder / "client.pem", folder / "client-key.pem"
    return Tls(str(folder / "ca.pem"), str(client), str(key))


def test_everything_over_tls(
    engine: Engine,
    relay: Relay,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Calls, events and sessions work, and the environment's CA has no say."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "names"))
    runtime = DockerRuntime(
        relay.endpoint, cluster=engine.cluster, node="node-1", tls=tls_in(tmp_path)
    )
    listener = Listener(runtime)
    pod = new_pod()
    made = start(engine.lab, pod)
    sent = bytes(range(256)) * 1024

    session = runtime.open_exec(
        made, ("sh", "-c", "cat > /tmp/in; cat /tmp/in; exit 6"), stdin=True, tty=False
    )
    session.write(sent)
    session.close_stdin()
    received = b""
    while piece := session.read():
        received += piece[1]

    assert received == sent
    assert session.exit_code() == 6
    assert runtime.pods()[pod.pod_uid].ip
    eventually(lambda: "start" in listener.actions("app"))
    listener.close()
    runtime.close()


def test_unknown_server(relay: Relay, tmp_path: Path) -> None:
    """A server that another CA has signed is not talked to."""
    ours = tls_in(tmp_path)
    make_certificates(tmp_path)
    runtime = DockerRuntime(relay.endpoint, cluster="c", node="n", timeout=3, tls=ours)

    with pytest.raises(EngineUnavailable, match="certificate"):
        runtime.info()
