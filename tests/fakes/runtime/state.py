"""What the parts of the fake engine share.

Controls for tests are in controls.py.
"""

from collections.abc import Callable
from typing import Any

from supervisor.model.streams import ByteStream
from supervisor.model.usage import Usage
from supervisor.runtime.base import (
    EngineRefused,
    EngineUnavailable,
    Files,
    Image,
    Labelled,
)
from supervisor.runtime.reach import Direct, Reach
from tests.fakes.runtime.claims import FakeClaims
from tests.fakes.runtime.containers import Containers, Now
from tests.fakes.runtime.programs import Program

Refusal = str | EngineRefused
"""What a test wants an engine to answer: a text, or the very error."""


def refusal(error: Refusal) -> EngineRefused:
    """As it is raised."""
    return EngineRefused(error) if isinstance(error, str) else error


def refuse_connection(host: str, port: int) -> ByteStream:
    raise ConnectionRefusedError(f"{host}:{port} refuses connections")


def tagged(name: str) -> str:
    """`name` with the tag that Docker takes it to have."""
    return name if "@" in name or ":" in name.rpartition("/")[2] else f"{name}:latest"


class FakeState:
    def __init__(self, clock: Now, *, cluster: str = "test", node: str = "node-1"):
        self._clock = clock
        self._held = Containers(clock, cluster, node)
        self._node_name = node
        self._lock = self._held.changed
        self._unavailable = False
        self._start_errors: dict[tuple[str, str], Refusal] = {}
        self._stop_codes: dict[tuple[str, str], int] = {}
        self._pull_errors: dict[str, str] = {}
        self._images: dict[str, Image] = {}
        self._programs: dict[tuple[str, ...], Program] = {}
        self.registry: set[str] = set()
        """Images that `pull` finds, besides those that are here already."""
        self.calls: list[tuple[Any, ...]] = []
        """Every effect asked for, as (method, …), in order."""
        self.listening: Callable[[str, int], ByteStream] = refuse_connection
        """What `dial` answers at the end of a way: to a host and a port there."""
        self.reach: Reach = Direct()
        """Set to `Published`, sandboxes publish the ports that have to be reached."""
        self.claims = FakeClaims(clock)
        self.others: list[Labelled] = []
        """What carries labels and is no part of a pod, or is not ours."""
        self.in_use: set[str] = set()  # ids of those that cannot be removed
        self.docker_volumes: set[str] = set()
        """Names of volumes that outlive pods."""
        self.volume_files: dict[tuple[str, str], tuple[Files, int | None]] = {}
        """Files and group by sandbox and volume."""
        self.usage = Usage(0.25, 64 << 20, 1.0)
        """What every container uses, and the machine."""
        self.keeps_info = False
        """Whether `info` gets no answer: dockerd is looking up a silent registry."""

    def _answer(self) -> None:
        if self._unavailable:
            raise EngineUnavailable("the engine is away")

    def _call(self, *call: Any) -> None:
        self._answer()
        self.calls.append(call)

    def _remove(self, container_id: str) -> None:
        if held := self._held.by_id.get(container_id):
            self._held.remove(held)
