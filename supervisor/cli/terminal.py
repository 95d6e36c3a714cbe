"""Our terminal as the command's: every key goes through, and the size follows."""

import os
import signal
import sys
import termios
import threading
import tty
from types import FrameType, TracebackType
from typing import Any, Protocol, Self

from supervisor.model.errors import ApiError


class _Resizable(Protocol):
    def resize(self, width: int, height: int) -> None: ...


class RawTerminal:
    """While it is open, keys are not interpreted here; afterwards all is as before."""

    def __init__(self, running: _Resizable, *, enabled: bool) -> None:
        self._running = running
        self._enabled = enabled
        self._saved: list[Any] = []
        self._handler: Any = None

    def __enter__(self) -> Self:
        if self._enabled:
            self._saved = termios.tcgetattr(sys.stdin)
            tty.setraw(sys.stdin)
            self._handler = signal.signal(signal.SIGWINCH, self._on_resize)
            self._tell_size()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._enabled:
            signal.signal(signal.SIGWINCH, self._handler)
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._saved)

    def _on_resize(self, number: int, frame: FrameType | None) -> None:
        # In a thread: the interrupted one may hold the connection's locks.
        threading.Thread(target=self._tell_size, daemon=True).start()

    def _tell_size(self) -> None:
        try:
            size = os.get_terminal_size(sys.stdin.fileno())
            self._running.resize(size.columns, size.lines)
        except (OSError, ApiError):
            return  # no size to tell, or nobody to tell it to
