"""Streams to and from containers: logs, exec, attach, connections to ports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from supervisor.model.streams import ByteStream, ExecSession, LogOptions, LogStream
from supervisor.runtime.reach import PodAddress


@dataclass(frozen=True)
class ExecResult:
    exit_code: int | None
    """None when the command timed out."""
    output: bytes
    """stdout followed by stderr, truncated to the limit."""


class Streams(Protocol):
    def exec(
        self, container_id: str, command: Sequence[str], *, timeout: float, limit: int
    ) -> ExecResult:
        """Run a command and keep `limit` bytes of its output.

        After `timeout` seconds it is killed with all processes that it has started;
        that may happen shortly after this returns. Raises NotFound when the container
        is gone or not running, ContainerPaused, and EngineRefused when the command
        cannot be started.
        """

    def open_exec(
        self, container_id: str, command: Sequence[str], *, stdin: bool, tty: bool
    ) -> ExecSession:
        """Raises the same as `exec`."""

    def open_attach(
        self, container_id: str, *, stdin: bool, tty: bool
    ) -> ExecSession: ...

    def logs(self, container_id: str, options: LogOptions) -> LogStream:
        """`options.previous` is ignored: an id names one run of a container."""

    def dial(self, pod: PodAddress, port: int, timeout: float) -> ByteStream:
        """A TCP connection to a pod, the way that the engine's `reach` gives.

        Raises OSError when the connection fails, and NoWay.
        """

    def dial_inside(self, sandbox_id: str, port: int) -> ByteStream:
        """A TCP connection to a pod's loopback address, made inside its network.

        Raises OSError when the connection fails.
        """
