"""An interactive session: a running command, or a container that is attached to."""

import errno
import threading
from collections.abc import Callable, Iterator

from supervisor.runtime.base import EngineRefused, EngineUnavailable, NotFound
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.streams.frames import Demultiplexer
from supervisor.runtime.docker.streams.hijack import CutOff, Hijacked

_FIRST_PAUSE_SECONDS = 0.005
_LONGEST_PAUSE_SECONDS = 0.5


class Session:
    """Satisfies model.streams.ExecSession.

    `exit_code` answers None while the process runs. `abandon` is called when the
    session is closed before its output has ended.
    """

    def __init__(
        self,
        stream: Hijacked,
        *,
        tty: bool,
        exit_code: Callable[[], int | None],
        resize: Callable[[int, int], None],
        abandon: Callable[[], None],
    ) -> None:
        self._stream = stream
        self._frames = Demultiplexer(tty=tty)
        self._pieces: list[tuple[int, bytes]] = []
        self._exit_code = exit_code
        self._resize = resize
        self._abandon = abandon
        self.closed = threading.Event()
        self._ended = False
        #: Whether there was input, which the process may not have read.
        self._was_fed = False

    def read(self) -> tuple[int, bytes] | None:
        while not self._pieces:
            data = self._next()
            if not data:
                self._ended = True
                return None
            self._pieces = self._frames.feed(data)
        return self._pieces.pop(0)

    def _next(self) -> bytes:
        """The next bytes; empty at the end. Raises EngineUnavailable if the connection
        is lost."""
        try:
            data = self._stream.read()
        except CutOff:
            if not (self._was_fed and self._has_ended()):
                raise
            data = b""
        if not data and not self._stream.closed and self._frames.is_inside:
            raise EngineUnavailable("the Docker engine's answer is truncated")
        return data

    def _has_ended(self) -> bool:
        try:
            with translated():
                return self._exit_code() is not None
        except NotFound:
            return True

    def write(self, data: bytes) -> None:
        """Raises BrokenPipeError when the process does not read any more."""
        self._was_fed = True
        try:
            self._stream.write(data)
        except CutOff as error:
            text = "the command takes no more input"
            raise BrokenPipeError(errno.EPIPE, text) from error

    def close_stdin(self) -> None:
        self._stream.close_write()

    def resize(self, width: int, height: int) -> None:
        with translated():
            self._resize(width, height)

    def exit_code(self) -> int:
        """Wait for the process to end, which may be after its output has ended."""
        with translated():
            for _ in pauses(self.closed):
                if (code := self._exit_code()) is not None:
                    return code
        raise EngineRefused("the session was closed before the command ended")

    def close(self) -> None:
        self.closed.set()
        self._stream.close()
        if not self._ended:
            self._abandon()


def pauses(closed: threading.Event) -> Iterator[None]:
    """Yield at once, and then after longer and longer pauses until `closed`."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        yield
        if closed.wait(pause):
            return
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
