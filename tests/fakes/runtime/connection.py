"""The connection part of the fake engine."""

from collections.abc import Callable

from supervisor.runtime.base import EngineInfo, EngineUnavailable, EventStream, Pulse
from tests.fakes.runtime.state import FakeState

INFO = EngineInfo(
    id="FAKE:ENGINE",
    name="fake",
    version="20.10.24",
    api_version="1.41",
    operating_system="Fake GNU/Linux",
    os="linux",
    architecture="amd64",
    kernel="6.1.0",
    cpus=4,
    memory_bytes=8 << 30,
)


class FakeConnection(FakeState):
    def info(self) -> EngineInfo:
        self._answer()
        if self.keeps_info:
            raise EngineUnavailable("no answer in time")
        return INFO

    def ping(self) -> None:
        self._answer()

    def pulse(self) -> Pulse:
        return FakePulse(self._answer)

    def events(self) -> EventStream:
        with self._lock:
            self._answer()
            return self._held.listen()

    def close(self) -> None:
        with self._lock:
            self._held.end_streams(None)


class FakePulse:
    """Asks with `answer`, which raises when the engine is away."""

    def __init__(self, answer: Callable[[], None]) -> None:
        self._answer = answer

    def ask(self, timeout: float) -> None:
        self._answer()

    def close(self) -> None:
        """Nothing is ever being asked."""
