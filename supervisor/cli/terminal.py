"""Raw mode for the local terminal, and forwarding of its size to the container."""

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
    """A context manager: raw mode inside, previous terminal settings afterwards."""

    def __init__(self, session: _Resizable, *, enabled: bool) -> None:
        self._session = session
        self._enabled = enabled
        self._saved: list[Any] = []
        self._handler: Any = None

    def __enter__(self) -> Self:
        if self._enabled:
            self._saved = termios.tcgetattr(sys.stdin)
            tty.setraw(sys.stdin)
            self._handler = signal.signal(signal.SIGWINCH, self._on_resize)
            self._send_size()
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
        # In a thread: the interrupted thread may hold locks of the connection.
        threading.Thread(target=self._send_size, daemon=True).start()

    def _send_size(self) -> None:
        try:
            size = os.get_terminal_size(sys.stdin.fileno())
            self._session.resize(size.columns, size.lines)
        except (OSError, ApiError):
            return  # stdin is no terminal, or the session has ended
