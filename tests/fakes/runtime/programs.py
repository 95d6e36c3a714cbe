"""Programs that run in the fake engine's containers.

They are fed by the test or end at once; none has a thread of its own.
"""

import threading
from collections import deque
from dataclasses import dataclass


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
