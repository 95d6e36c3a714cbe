"""A child process that runs in the background, ends with us, and reports on stderr.

Rules
- It ends when our process does, even if that is killed: see child_main.py. So the
  thread that starts it has to live as long as it does.
- Its end is detected by a pidfd, not by the end of stderr, which its own children may
  keep open.
"""

import os
import select
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

from supervisor.runtime.ssh import child_main

_END_SECONDS = 3.0


class Child:
    """One thread calls `wait` and `end`; any thread may `terminate`."""

    def __init__(self, command: Sequence[str]) -> None:
        """Raises OSError."""
        starter = [sys.executable, "-I", "-S", child_main.__file__, str(os.getpid())]
        self._process = subprocess.Popen(
            [*starter, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            # Ctrl-C must not reach it: we end it ourselves.
            start_new_session=True,
        )
        assert self._process.stderr is not None
        self._pipe = self._process.stderr
        self._stderr = self._pipe.fileno()
        os.set_blocking(self._stderr, False)
        self._end = os.pidfd_open(self._process.pid)
        self._poll = select.poll()
        self._poll.register(self._end, select.POLLIN)
        self._poll.register(self._stderr, select.POLLIN)
        self._rest = b""

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self, timeout: float | None) -> tuple[bool, list[str]]:
        """Wait for output or the end: whether it has ended, and new lines of stderr."""
        ready = dict(self._poll.poll(None if timeout is None else timeout * 1000))
        ended = self._end in ready
        lines = self._read() if ended or self._stderr in ready else []
        if ended and self._rest:
            lines.append(self._rest.decode(errors="replace"))
        return ended, lines

    def _read(self) -> list[str]:
        data = b""
        with suppress(BlockingIOError):
            data = os.read(self._stderr, 1 << 16)
            if not data:
                with suppress(KeyError):
                    self._poll.unregister(self._stderr)
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [line.decode(errors="replace").rstrip("\r") for line in lines]

    def terminate(self) -> None:
        self._process.terminate()

    def end(self) -> int:
        """Terminate it, or kill it if it does not end; return the exit code."""
        self._process.terminate()
        try:
            code = self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._pipe.close()
        os.close(self._end)
        return code
