"""How the Docker runtime asks an engine whether it lives."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.runtime.base import EngineUnavailable, Pulse
from supervisor.runtime.docker.runtime import DockerRuntime
from tests import docker_engine
from tests.relay import Relay

pytestmark = pytest.mark.docker
ENGINE = docker_engine.ENDPOINT.removeprefix("unix://")


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    """A relay to the real engine."""
    made = Relay(ENGINE, path=tmp_path / "s")
    yield made
    made.cut()


def pulse_of(endpoint: str) -> Pulse:
    return DockerRuntime(endpoint, cluster="test", node="n").pulse()


def test_a_connection_is_kept(relay: Relay) -> None:
    """So that asking costs no handshake."""
    pulse = pulse_of(relay.endpoint)
    for _ in range(5):
        pulse.ask(5)

    assert len(relay._open) == 2  # one connection, and its other half
    pulse.close()


def test_an_engine_that_is_gone(relay: Relay) -> None:
    """It says why, in words; and it answers again as soon as it is back."""
    pulse = pulse_of(relay.endpoint)
    pulse.ask(5)
    relay.cut()
    with pytest.raises(EngineUnavailable, match="Connection refused"):
        pulse.ask(5)

    path = Path(relay.endpoint.removeprefix("unix://"))
    path.unlink()
    again = Relay(ENGINE, path=path)
    pulse.ask(5)
    pulse.close()
    again.cut()


def test_a_frozen_engine(relay: Relay) -> None:
    """It is waited for no longer than is said, whatever the runtime's own timeout."""
    pulse = pulse_of(relay.endpoint)
    pulse.ask(5)
    relay.fall_silent()
    before = time.monotonic()

    with pytest.raises(EngineUnavailable, match="no answer in time"):
        pulse.ask(0.2)

    assert time.monotonic() - before < 2


def test_closing_ends_a_question(relay: Relay) -> None:
    """Nobody waits for a frozen engine when the agent stops."""
    pulse = pulse_of(relay.endpoint)
    pulse.ask(5)
    relay.fall_silent()
    ended = threading.Event()

    def ask() -> None:
        with pytest.raises(EngineUnavailable):
            pulse.ask(60)
        ended.set()

    thread = threading.Thread(target=ask)
    thread.start()
    while not ended.wait(0.05):
        pulse.close()
    thread.join(5)
