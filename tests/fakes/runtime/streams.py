"""The streams part of the fake engine."""

from collections.abc import Sequence

from supervisor.model.streams import ByteStream, ExecSession, LogOptions, LogStream
from supervisor.runtime.base import EngineRefused, ExecResult
from supervisor.runtime.reach import PodAddress
from tests.fakes.runtime.logs import FakeLogs
from tests.fakes.runtime.programs import FakeExec, Program
from tests.fakes.runtime.state import FakeState


class FakeStreams(FakeState):
    def exec(
        self, container_id: str, command: Sequence[str], *, timeout: float, limit: int
    ) -> ExecResult:
        with self._lock:
            self._call("exec", container_id, tuple(command))
            program = self._program(container_id, command)
            code = None if program.seconds > timeout else program.exit_code
            return ExecResult(code, (program.stdout + program.stderr)[:limit])

    def open_exec(
        self, container_id: str, command: Sequence[str], *, stdin: bool, tty: bool
    ) -> ExecSession:
        with self._lock:
            self._call("open_exec", container_id, tuple(command))
            return FakeExec(self._program(container_id, command), stdin=stdin, tty=tty)

    def open_attach(self, container_id: str, *, stdin: bool, tty: bool) -> ExecSession:
        with self._lock:
            self._call("open_attach", container_id)
            session = FakeExec(Program(until_closed=True), stdin=stdin, tty=tty)
            self._held.going_on(container_id).attached.append(session)
            return session

    def logs(self, container_id: str, options: LogOptions) -> LogStream:
        with self._lock:
            self._answer()
            held = self._held.get(container_id)
            return FakeLogs(self._lock, held.lines, options, lambda: held.runs)

    def dial(self, pod: PodAddress, port: int, timeout: float) -> ByteStream:
        self._call("dial", pod.ip, port)
        way = self.reach.way(pod, port)
        return self.listening(way.host, way.port)

    def dial_inside(self, sandbox_id: str, port: int) -> ByteStream:
        self._call("dial_inside", sandbox_id, port)
        self._held.running(sandbox_id)
        return self.listening("127.0.0.1", port)

    def _program(self, container_id: str, command: Sequence[str]) -> Program:
        self._held.going_on(container_id)
        if program := self._programs.get(tuple(command)):
            return program
        raise EngineRefused(f'exec: "{command[0]}": executable file not found in $PATH')


class FakeBytes:
    """A connection that answers `reply` and remembers what was written."""

    def __init__(self, reply: bytes = b"") -> None:
        self._reply = reply
        self.written = b""
        self.closed = False

    def read(self) -> bytes:
        reply, self._reply = self._reply, b""
        return reply

    def write(self, data: bytes) -> None:
        self.written += data

    def close_write(self) -> None:
        return

    def close(self) -> None:
        self.closed = True
