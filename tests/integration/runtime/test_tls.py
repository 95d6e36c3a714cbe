"""An engine behind TLS, with certificates on both sides."""

import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from supervisor.model.streams import ByteStream, ExecSession
from supervisor.runtime.base import EngineUnavailable
from supervisor.runtime.docker.runtime import DockerRuntime, Tls
from tests import docker_engine
from tests.contract.runtime.lab import Listener, eventually, new_pod, start, tls_lab
from tests.integration.runtime.engine import Engine
from tests.lab.fixtures import engine_behind_tls
from tests.relay import Relay

pytestmark = pytest.mark.docker

_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
_TIMES = 25
"""As often as it takes to meet what depends on who is first."""
MUCH = bytes(range(256)) * 4096


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
    session.close()
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


@pytest.fixture(scope="module")
def dockerd() -> Iterator[Engine]:
    """A real engine that listens with TLS itself: Go's, with nothing in between."""
    cluster = docker_engine.new_cluster()
    with engine_behind_tls(docker_engine.bring_shell()) as endpoint:
        lab = tls_lab(cluster, endpoint)
        api = endpoint.client()
        yield Engine(lab, api, cluster)
        lab.runtime.close()
        api.close()


def output(session: ExecSession) -> bytes:
    text = b""
    while piece := session.read():
        text += piece[1]
    return text


def test_the_end_of_input_loses_no_output(dockerd: Engine) -> None:
    """A command that answers at once does so while its input is being ended."""
    made = start(dockerd.lab, new_pod())
    seen = []

    for _ in range(_TIMES):
        session = dockerd.runtime.open_exec(made, ("cat",), stdin=True, tty=False)
        session.write(b"hi\n")
        session.close_stdin()
        seen.append((output(session), session.exit_code()))
        session.close()

    assert seen == [(b"hi\n", 0)] * _TIMES


def test_output_comes_back_while_input_goes_on(dockerd: Engine) -> None:
    """More than any buffer holds, both ways, and the end of the input after it."""
    made = start(dockerd.lab, new_pod())
    session = dockerd.runtime.open_exec(made, ("cat",), stdin=True, tty=False)

    def feed() -> None:
        session.write(MUCH)
        session.close_stdin()

    feeding = threading.Thread(target=feed)
    feeding.start()

    assert output(session) == MUCH
    assert session.exit_code() == 0
    feeding.join()
    session.close()


def test_input_that_nobody_reads_is_no_failure(dockerd: Engine) -> None:
    """The engine closes over it; the command's output and exit code are what count."""
    made = start(dockerd.lab, new_pod())
    seen = []

    for _ in range(_TIMES):
        command = ("sh", "-c", "head -c 5; exit 7")
        session = dockerd.runtime.open_exec(made, command, stdin=True, tty=False)
        feeding = threading.Thread(target=_feed_until_refused, args=[session])
        feeding.start()
        seen.append((output(session), session.exit_code()))
        session.close()
        feeding.join()

    assert seen == [(MUCH[:5], 7)] * _TIMES


def _feed_until_refused(session: ExecSession) -> None:
    try:
        for _ in range(100):
            session.write(MUCH)
    except OSError:
        return


def test_the_end_of_a_containers_own_input(dockerd: Engine) -> None:
    """Of one that ends with its input: what it says last comes out whole."""
    seen = []
    for _ in range(_TIMES // 5):
        pod = new_pod()
        sandbox = dockerd.runtime.start_sandbox(pod)
        made = dockerd.start(pod, sandbox, ("cat",), stdin=True, stdin_once=True)
        session = dockerd.runtime.open_attach(made, stdin=True, tty=False)
        session.write(b"hello\n")
        session.close_stdin()
        seen.append((output(session), session.exit_code()))
        session.close()

    assert seen == [(b"hello\n", 0)] * len(seen)


def test_a_client_that_ends_its_side_first_gets_the_whole_answer(
    dockerd: Engine,
) -> None:
    """On a port of the pod's own loopback, to which a command of ours leads."""
    pod = new_pod()
    sandbox = dockerd.runtime.start_sandbox(pod)
    serve = "exec nc -ll -p 8080 -e sh -c 'cat; seq 1 20000'"
    dockerd.start(pod, sandbox, ("sh", "-c", serve))
    stream = eventually(
        lambda: _dialled(lambda: dockerd.runtime.dial_inside(sandbox, 8080))
    )
    lines = "".join(f"{number}\n" for number in range(1, 20001)).encode()
    seen = []

    for _ in range(_TIMES):
        stream.write(b"hello\n")
        stream.close_write()
        text = b""
        while piece := stream.read():
            text += piece
        seen.append(text == b"hello\n" + lines)
        stream.close()
        stream = dockerd.runtime.dial_inside(sandbox, 8080)
    stream.close()

    assert seen == [True] * _TIMES


def _dialled(dial: Callable[[], ByteStream]) -> ByteStream | None:
    try:
        return dial()
    except ConnectionRefusedError:
        return None
