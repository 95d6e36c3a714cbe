"""The streams part of the contract."""

from collections.abc import Sequence
from dataclasses import replace

from supervisor.model.streams import ByteStream, ExecSession, LogOptions, LogStream
from supervisor.runtime.base import ExecResult
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.host_clock import HostClock
from supervisor.runtime.docker.streams import attach, exec, forward, logs
from supervisor.runtime.docker.streams.reaper import Reaper
from supervisor.runtime.reach import PodAddress, Reach, TcpStream


class DockerStreams:
    """Satisfies Streams."""

    def __init__(
        self, client: EngineClient, reaper: Reaper, clock: HostClock, reach: Reach
    ) -> None:
        self._client = client
        self._reaper = reaper
        self._clock = clock
        self._reach = reach

    def exec(
        self, container_id: str, command: Sequence[str], *, timeout: float, limit: int
    ) -> ExecResult:
        return exec.run(
            self._client,
            self._reaper,
            container_id,
            command,
            timeout=timeout,
            limit=limit,
        )

    def open_exec(
        self, container_id: str, command: Sequence[str], *, stdin: bool, tty: bool
    ) -> ExecSession:
        return exec.open_exec(
            self._client, self._reaper, container_id, command, stdin=stdin, tty=tty
        )

    def open_attach(self, container_id: str, *, stdin: bool, tty: bool) -> ExecSession:
        return attach.open_attach(self._client, container_id, stdin=stdin, tty=tty)

    def logs(self, container_id: str, options: LogOptions) -> LogStream:
        if options.since is not None:
            options = replace(options, since=self._clock.theirs(options.since))
        return logs.open_logs(self._client, container_id, options)

    def dial(self, pod: PodAddress, port: int, timeout: float) -> ByteStream:
        return TcpStream(self._reach.way(pod, port).connect(timeout))

    def dial_inside(self, sandbox_id: str, port: int) -> ByteStream:
        return forward.open_forward(self._client, self._reaper, sandbox_id, port)
