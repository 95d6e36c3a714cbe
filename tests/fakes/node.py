"""A node whose containers are processes of this machine.

Commands run as local processes (with a real terminal where one is asked for), ports of
the pod are ports of 127.0.0.1, and logs are what a test wrote.
"""

import contextlib
import fcntl
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import termios
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence

from supervisor.client.node import HeldPod, NodeConnection, NodeImage, NodeLeftover
from supervisor.model.errors import ApiError, bad_request, unavailable
from supervisor.model.streams import (
    ByteStream,
    ExecSession,
    ImageArchive,
    LogOptions,
    LogStream,
)
from supervisor.model.usage import Usage
from supervisor.runtime.base import NotFound
from tests.fakes.clock import FakeClock
from tests.fakes.runtime import FakeRuntime

_PIECE = 32 * 1024


class FakeLog:
    """Lines that a container wrote; tests `write`, `end` and `fail`."""

    def __init__(self, *lines: bytes) -> None:
        self._changed = threading.Condition()
        self._lines = list(lines)
        self._ended = False
        self._error: OSError | None = None
        self.streams: list[FakeLogStream] = []

    def write(self, line: bytes) -> None:
        with self._changed:
            self._lines.append(line)
            self._changed.notify_all()

    def end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def fail(self, error: OSError) -> None:
        """Reading beyond what was written fails, as it does when an engine is lost."""
        with self._changed:
            self._error = error
            self._ended = True
            self._changed.notify_all()

    def open(self, options: LogOptions) -> "FakeLogStream":
        with self._changed:
            shown = len(self._lines)
            first = 0 if options.tail_lines is None else shown - options.tail_lines
            stream = FakeLogStream(self, max(first, 0), options.follow)
            self.streams.append(stream)
            return stream

    def line(self, stream: "FakeLogStream", number: int) -> bytes | None:
        """The line, waiting for it when followed; None after the last."""
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    number < len(self._lines)
                    or stream.closed
                    or self._ended
                    or not stream.follows
                )
            )
            if self._error is not None and number >= len(self._lines):
                raise self._error
            if stream.closed or number >= len(self._lines):
                return None
            return self._lines[number]

    def wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


class FakeLogStream:
    def __init__(self, log: FakeLog, first: int, follows: bool) -> None:
        self._log = log
        self._next = first
        self.follows = follows
        self.closed = False
        #: How many lines were asked for.
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:
        while (line := self._log.line(self, self._next)) is not None:
            self._next += 1
            self.taken += 1
            yield line

    def close(self) -> None:
        self.closed = True
        self._log.wake()


class ProcessSession:
    """A local process behind the contract of an ExecSession."""

    def __init__(self, command: Sequence[str], *, stdin: bool, tty: bool) -> None:
        self._tty = tty
        self._input: int | None = None
        self._stream_by_fd: dict[int, int] = {}
        self._wake, self._woken = os.pipe()
        self.closed = False
        if tty:
            self._start_in_terminal(command)
        else:
            self._start(command, stdin)

    def _start(self, command: Sequence[str], stdin: bool) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._stream_by_fd[os.dup(self._process.stdout.fileno())] = 1
        self._stream_by_fd[os.dup(self._process.stderr.fileno())] = 2
        self._process.stdout.close()
        self._process.stderr.close()
        if self._process.stdin is not None:
            self._input = os.dup(self._process.stdin.fileno())
            self._process.stdin.close()

    def _start_in_terminal(self, command: Sequence[str]) -> None:
        ours, theirs = pty.openpty()
        # setsid makes the terminal its session's own, so that resizing is signalled.
        self._process = subprocess.Popen(
            ["setsid", "--ctty", *command], stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        self._stream_by_fd[ours] = 1
        self._input = os.dup(ours)

    def read(self) -> tuple[int, bytes] | None:
        while self._stream_by_fd and not self.closed:
            ready, _, _ = select.select([*self._stream_by_fd, self._wake], [], [])
            for fd in ready:
                if fd in self._stream_by_fd and (data := self._piece(fd)):
                    return self._stream_by_fd[fd], data
        return None

    def _piece(self, fd: int) -> bytes:
        try:
            data = os.read(fd, _PIECE)
        except OSError:  # A terminal whose process has ended.
            data = b""
        if not data:
            os.close(fd)
            del self._stream_by_fd[fd]
        return data

    def write(self, data: bytes) -> None:
        while data and self._input is not None:
            data = data[os.write(self._input, data) :]

    def close_stdin(self) -> None:
        if self._input is not None and self._tty:
            os.write(self._input, b"\x04")
        elif self._input is not None:
            os.close(self._input)
            self._input = None

    def resize(self, width: int, height: int) -> None:
        if self._input is not None:
            size = struct.pack("HHHH", height, width, 0, 0)
            fcntl.ioctl(self._input, termios.TIOCSWINSZ, size)

    def exit_code(self) -> int:
        return self._process.wait()

    def close(self) -> None:
        self.closed = True
        os.write(self._woken, b"x")
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()


class SocketStream:
    """A connection to a local port."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))

    def read(self) -> bytes:
        return self._socket.recv(_PIECE)

    def write(self, data: bytes) -> None:
        self._socket.sendall(data)

    def close_write(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class FakeNode:
    """A NodeConnection; `sessions` are all that were opened."""

    def __init__(self) -> None:
        self.log = FakeLog()
        self.main: Sequence[str] = ("cat",)
        self.sessions: list[ProcessSession] = []
        self.refusal: ApiError | None = None
        self.held: list[HeldPod] = []
        #: How often the node was told that a person has decided about them.
        self.rechecks = 0
        #: Holds the images.
        self.clock = FakeClock()
        self.engine = FakeRuntime(self.clock)
        self.left: list[NodeLeftover] = []
        #: By pod uid and container.
        self.usage: dict[str, dict[str, Usage]] = {}

    def logs(self, pod_uid: str, container: str, options: LogOptions) -> LogStream:
        self._refuse()
        if options.previous:
            raise bad_request(
                f'previous terminated container "{container}" in pod "web" not found'
            )
        return self.log.open(options)

    def exec(
        self,
        pod_uid: str,
        container: str,
        command: Sequence[str],
        *,
        stdin: bool,
        tty: bool,
    ) -> ExecSession:
        self._refuse()
        session = ProcessSession(command, stdin=stdin, tty=tty)
        self.sessions.append(session)
        return session

    def attach(
        self, pod_uid: str, container: str, *, stdin: bool, tty: bool
    ) -> ExecSession:
        return self.exec(pod_uid, container, self.main, stdin=stdin, tty=tty)

    def dial(self, pod_uid: str, port: int) -> ByteStream:
        self._refuse()
        try:
            return SocketStream(port)
        except OSError as error:
            text = f"dial tcp 127.0.0.1:{port}: connect: {error.strerror}".lower()
            raise ApiError(500, "InternalError", text) from error

    def image(self, name: str) -> NodeImage | None:
        wanted = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
        return next((i for i in self.images() if wanted in i.names), None)

    def images(self) -> Sequence[NodeImage]:
        self._refuse()
        return [
            NodeImage(i.id, i.names, i.size_bytes, i.created_at)
            for i in self.engine.images()
        ]

    def save_image(self, name: str) -> ImageArchive:
        self._refuse()
        try:
            return self.engine.save_image(name)
        except NotFound as error:
            raise ApiError(404, "NotFound", str(error)) from error

    def load_image(self, archive: Iterable[bytes]) -> None:
        self._refuse()
        self.engine.load_image(archive)

    def pod_usage(self, pod_uids: Sequence[str]) -> Mapping[str, Mapping[str, Usage]]:
        self._refuse()
        return {uid: self.usage[uid] for uid in pod_uids if uid in self.usage}

    def machine_usage(self) -> Usage:
        self._refuse()
        return Usage(1.5, 2 << 30, 1.0)

    def held_pods(self) -> Sequence[HeldPod]:
        self._refuse()
        return self.held

    def recheck_held_pods(self) -> None:
        self.rechecks += 1

    def leftovers(self) -> Sequence[NodeLeftover]:
        self._refuse()
        return self.left

    def _refuse(self) -> None:
        if self.refusal is not None:
            raise self.refusal


class FakeNodes:
    """A NodeDirectory of `node-1`, and of more if they are given by name."""

    def __init__(self, node: FakeNode, **others: FakeNode) -> None:
        self._nodes = {"node-1": node} | others

    def connect(self, node_name: str) -> NodeConnection:
        if node_name not in self._nodes:
            raise unavailable(f"node {node_name} has no agent that is connected")
        return self._nodes[node_name]
