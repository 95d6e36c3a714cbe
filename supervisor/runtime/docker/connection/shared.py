"""Close something that other threads may be using."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Shared:
    """`close` calls `interrupt` at once, which ends blocked uses, and `release` when no
    thread is using it any more. Both are called at most once, and must not block.
    """

    def __init__(
        self, interrupt: Callable[[], None], release: Callable[[], None]
    ) -> None:
        self._interrupt = interrupt
        self._release = release
        self._lock = threading.Lock()
        self._users = 0
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    @contextmanager
    def use(self) -> Iterator[bool]:
        """Keep it from being released. Yields False if it is closed already."""
        with self._lock:
            is_open = not self._closed
            self._users += is_open
        try:
            yield is_open
        finally:
            with self._lock:
                self._users -= is_open
                if is_open and self._closed and not self._users:
                    self._release()

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._interrupt()
            if not self._users:
                self._release()
