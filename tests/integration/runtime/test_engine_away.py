"""What the Docker runtime says when the engine is away, silent, or talks nonsense."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from supervisor.model.streams import LogOptions
from supervisor.runtime.base import EngineUnavailable, State
from supervisor.runtime.docker.runtime import DockerRuntime
from tests import docker_engine
from tests.contract.runtime.lab import Listener, eventually, new_pod, newest, start
from tests.integration.runtime.engine import Engine
from tests.relay import Relay


def runtime_at(endpoint: str, timeout: float = 0.5) -> DockerRuntime:
    return DockerRuntime(endpoint, cluster="test", node="n", timeout=timeout)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port where something listens, and nothing answers."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(20)
        yield sock


@pytest.mark.parametrize(
    "endpoint", ["ssh://", "unix://", "tcp://host", "tcp://host:http", "nonsense"]
)
def test_impossible_address(endpoint: str) -> None:
    """An address that is none is refused at once, with what is expected."""
    with pytest.raises(ValueError, match=r"must be unix:///PATH, tcp://HOST:PORT or"):
        runtime_at(endpoint)


def test_no_socket(tmp_path: Path) -> None:
    """Without an engine every call says why, in words."""
    runtime = runtime_at(f"unix://{tmp_path}/none.sock")
    expected = "^the Docker engine does not answer: No such file or directory$"

    with pytest.raises(EngineUnavailable, match=expected):
        runtime.info()
    with pytest.raises(EngineUnavailable, match=expected):
        runtime.pods()
    with pytest.raises(EngineUnavailable, match=expected):
        runtime.events()


def test_refused_connection(listener: socket.socket) -> None:
    """A port where nobody listens is told as such."""
    port = listener.getsockname()[1]
    listener.close()

    with pytest.raises(EngineUnavailable, match=r"answer: Connection refused$"):
        runtime_at(f"tcp://127.0.0.1:{port}").info()


def test_silent_engine(listener: socket.socket) -> None:
    """An engine that accepts and never answers is away when the time is over."""
    port = listener.getsockname()[1]

    with pytest.raises(EngineUnavailable, match=r"answer: no answer in time$"):
        runtime_at(f"tcp://127.0.0.1:{port}").pod("uid")


def test_nonsense(listener: socket.socket) -> None:
    """Something else than an engine at its address is told in words."""

    def answer() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.recv(1000)
                connection.sendall(b"220 mail.example.org ESMTP\r\n")
                connection.close()

    threading.Thread(target=answer, daemon=True).start()
    port = listener.getsockname()[1]

    with pytest.raises(EngineUnavailable) as caught:
        runtime_at(f"tcp://127.0.0.1:{port}").info()
    assert "0x" not in str(caught.value) and "(" not in str(caught.value)


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    """A relay to the real engine."""
    made = Relay(docker_engine.ENDPOINT.removeprefix("unix://"), path=tmp_path / "s")
    yield made
    made.cut()


@pytest.mark.docker
def test_engine_goes_away(relay: Relay) -> None:
    """The stream of events ends when the engine goes, and so does every call."""
    runtime = runtime_at(relay.endpoint, timeout=5)
    listener = Listener(runtime)

    relay.cut()

    listener.join()
    assert isinstance(listener.error, EngineUnavailable)
    with pytest.raises(EngineUnavailable):
        runtime.pods()


@pytest.mark.docker
def test_engine_falls_silent(relay: Relay) -> None:
    """Calls on connections that were good end in time when the engine falls silent."""
    runtime = runtime_at(relay.endpoint)
    assert runtime.pods() == {}

    relay.fall_silent()

    with pytest.raises(EngineUnavailable, match="no answer in time"):
        runtime.pods()
    with pytest.raises(EngineUnavailable, match="no answer in time"):
        runtime.events()


@pytest.mark.docker
def test_engine_comes_back(tmp_path: Path) -> None:
    """A runtime that was made without an engine works as soon as there is one."""
    runtime = runtime_at(f"unix://{tmp_path}/s", timeout=5)
    with pytest.raises(EngineUnavailable):
        runtime.info()

    relay = Relay(docker_engine.ENDPOINT.removeprefix("unix://"), path=tmp_path / "s")

    assert runtime.info().id
    relay.cut()


@pytest.mark.docker
def test_closed_streams(engine: Engine) -> None:
    """Closing a stream ends whoever is blocked reading it, without an error."""
    made = start(engine.lab, new_pod())
    logs = engine.runtime.logs(made, LogOptions(follow=True))
    session = engine.runtime.open_attach(made, stdin=False, tty=False)
    listener = Listener(engine.runtime)
    ended: list[object] = []
    readers = [
        threading.Thread(target=lambda: ended.append(list(logs))),
        threading.Thread(target=lambda: ended.append(session.read())),
    ]
    for reader in readers:
        reader.start()

    logs.close()
    session.close()
    listener.close()

    for reader in readers:
        reader.join(5)
    assert sorted(map(str, ended)) == ["None", "[]"]
    assert listener.error is None


@pytest.mark.docker
def test_followed_logs_of_a_lost_engine(engine: Engine, relay: Relay) -> None:
    """Followed logs raise when the engine goes, since more may have been written."""
    pod = new_pod()
    made = start(engine.lab, pod)
    stream = runtime_at(relay.endpoint, 5).logs(made, LogOptions(follow=True))
    chunks = iter(stream)
    engine.lab.say(pod, "app", "hello")
    assert next(chunks) == b"hello\n"

    relay.cut()

    with pytest.raises(EngineUnavailable):
        next(chunks)
    eventually(lambda: newest(engine.lab, pod).state is State.RUNNING)
