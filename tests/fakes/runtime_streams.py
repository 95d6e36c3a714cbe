"""The streams of the fake engine: events, logs, running commands, connections.

All are fed by the test or end at once; none has a thread of its own.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from supervisor.model.streams import ByteStream, LogOptions
from supervisor.model.times import to_micro_text
from supervisor.runtime.base import RuntimeEvent, RuntimeFailure


class FakeEvents:
    """Events put in by the engine, until `end`."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[RuntimeEvent | RuntimeFailure | None]
        self._queue = queue.SimpleQueue()

    def put(self, event: RuntimeEvent) -> None:
        self._queue.put(event)

    def end(self, failure: RuntimeFailure | None) -> None:
        self._queue.put(failure)

    def close(self) -> None:
        self._queue.put(None)

    def __iter__(self) -> Iterator[RuntimeEvent]:
        while (item := self._queue.get()) is not None:
            if isinstance(item, RuntimeFailure):
                raise item
            yield item


@dataclass(frozen=True)
class Line:
    """A line that a container wrote, its end included."""

    at: float
    text: bytes
    stream: int = 1


class FakeLogs:
    """The lines of one container, followed until it ends if asked to."""

    def __init__(
        self,
        changed: threading.Condition,
        lines: list[Line],
        options: LogOptions,
        runs: Callable[[], bool],
    ) -> None:
        self._changed = changed
        self._lines = lines
        self._options = options
        self._runs = runs
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        left = self._options.limit_bytes
        for line in self._wanted():
            text = line.text
            if self._options.timestamps:
                text = to_micro_text(line.at).encode() + b" " + text
            if left is not None:
                text = text[:left]
                left -= len(text)
            if text:
                yield text
            if left == 0:
                return

    def _wanted(self) -> Iterator[Line]:
        since = self._options.since or 0
        with self._changed:
            past = [line for line in self._lines if line.at >= since]
            seen = len(self._lines)
        tail = self._options.tail_lines
        yield from past if tail is None else past[len(past) - min(tail, len(past)) :]
        while self._options.follow:
            with self._changed:
                while self._runs() and not self._closed and seen == len(self._lines):
                    self._changed.wait()
                fresh, seen = self._lines[seen:], len(self._lines)
                ended = self._closed or not self._runs()
            yield from fresh
            if ended:
                return

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()


@dataclass(frozen=True)
class Program:
    """What a command does when it is executed in a container."""

    stdout: bytes = b""
    stderr: bytes = b""
    exit_code: int = 0
    seconds: float = 0
    """How long it runs: `exec` answers None for a shorter timeout."""
    echo: bool = False
    """Write stdin to stdout, as cat does."""
    until_closed: bool = False
    """Run on until stdin or the session is closed."""


class FakeExec:
    """A program that runs in memory, as an ExecSession."""

    def __init__(self, program: Program, *, stdin: bool, tty: bool) -> None:
        self._program = program
        self._ended = threading.Condition()
        self._pieces: deque[tuple[int, bytes]] = deque()
        self._waits = program.until_closed or (program.echo and stdin)
        self.stdin = b""
        """What was written so far."""
        self.size: tuple[int, int] | None = None
        for number, text in ((1, program.stdout), (2, program.stderr)):
            if text:
                self._pieces.append((1 if tty else number, text))

    def put(self, data: bytes, stream: int = 1) -> None:
        """Let the program write something."""
        with self._ended:
            self._pieces.append((stream, data))
            self._ended.notify_all()

    def end(self) -> None:
        """Let the program end."""
        with self._ended:
            self._waits = False
            self._ended.notify_all()

    def read(self) -> tuple[int, bytes] | None:
        with self._ended:
            while not self._pieces and self._waits:
                self._ended.wait()
            return self._pieces.popleft() if self._pieces else None

    def write(self, data: bytes) -> None:
        self.stdin += data
        if self._program.echo:
            self.put(data)

    def close_stdin(self) -> None:
        if not self._program.until_closed:
            self.end()

    def resize(self, width: int, height: int) -> None:
        self.size = (width, height)

    def exit_code(self) -> int:
        return self._program.exit_code

    def close(self) -> None:
        self.end()


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


class FakePulse:
    """Asks with `answer`, which raises when the engine is away."""

    def __init__(self, answer: Callable[[], None]) -> None:
        self._answer = answer

    def ask(self, timeout: float) -> None:
        self._answer()

    def close(self) -> None:
        """Nothing is ever being asked."""


def refuse_connection(host: str, port: int) -> ByteStream:
    raise ConnectionRefusedError(f"{host}:{port} refuses connections")
