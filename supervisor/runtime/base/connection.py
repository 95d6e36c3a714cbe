"""The connection to an engine: its identity, whether it is alive, and its events."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from supervisor.runtime.base.claims import EngineClaims
from supervisor.runtime.reach import Reach


@dataclass(frozen=True)
class EngineInfo:
    id: str
    """Unique to the engine; two nodes must not share it."""
    name: str
    version: str
    api_version: str
    operating_system: str
    os: str
    """`linux`."""
    architecture: str
    """Go's name for it: `amd64`, `arm64`."""
    kernel: str
    cpus: int
    memory_bytes: int
    rootless: bool = False


@dataclass(frozen=True)
class RuntimeEvent:
    """A change of a container of ours, after which its pod is looked at again."""

    pod_uid: str
    action: str
    """`start`, `die`, `oom`, `destroy`, …"""
    container: str
    """Name inside the pod; `POD` for the sandbox."""


class EventStream(Protocol):
    """Yields events until `close`. Raises EngineUnavailable when the engine is lost."""

    def __iter__(self) -> Iterator[RuntimeEvent]: ...

    def close(self) -> None: ...


class Pulse(Protocol):
    """A connection kept open to check whether the engine is alive.

    One thread at a time may ask; any thread may close, which ends the request.
    """

    def ask(self, timeout: float) -> None:
        """Return when the engine has answered. Raises EngineUnavailable after
        `timeout` seconds."""

    def close(self) -> None: ...


class EngineConnection(Protocol):
    def info(self) -> EngineInfo: ...

    def ping(self) -> None:
        """Return when the engine answers, which takes about a millisecond."""

    @property
    def reach(self) -> Reach:
        """How this process reaches the ports of pods on this engine."""

    @property
    def claims(self) -> EngineClaims:
        """The record of which store owns the engine."""

    def pulse(self) -> Pulse:
        """A new connection of its own; nothing is sent before the first `ask`."""

    def events(self) -> EventStream:
        """Events from now on; the stream is open when this returns."""

    def close(self) -> None: ...
