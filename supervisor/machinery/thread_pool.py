"""A thread pool for blocking calls that grows and shrinks on demand.

Rules
- A call waits only while all `maximum` threads are busy.
- A thread that is idle for 30 s exits.
- Threads are daemon threads, unlike those of concurrent.futures: a call that hangs does
  not keep the process from exiting.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable

IDLE_SECONDS = 30.0
_log = logging.getLogger(__name__)


class ThreadPool:
    """At most `maximum` threads, all called `name`. All methods are thread-safe."""

    def __init__(
        self, name: str, maximum: int, *, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        self._name = name
        self._maximum = maximum
        self._idle_seconds = idle_seconds
        self._changed = threading.Condition()
        self._waiting: deque[Callable[[], object]] = deque()
        self._count = 0
        self._idle = 0
        self._is_closed = False

    def submit(self, work: Callable[[], object]) -> None:
        """Call `work` in a thread. Ignored after `close`."""
        with self._changed:
            if self._is_closed:
                return
            self._waiting.append(work)
            if self._idle >= len(self._waiting):
                self._changed.notify()
            elif self._count < self._maximum:
                self._count += 1
                threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def close(self) -> None:
        """Drop queued calls; running ones are not interrupted."""
        with self._changed:
            self._is_closed = True
            self._waiting.clear()
            self._changed.notify_all()

    def _run(self) -> None:
        while (work := self._next()) is not None:
            try:
                work()
            except Exception:  # noqa: BLE001  the thread must survive any bug
                _log.exception("a call in thread pool %s failed", self._name)
            del work  # an idle thread must not keep its objects alive

    def _next(self) -> Callable[[], object] | None:
        with self._changed:
            self._idle += 1
            self._changed.wait_for(
                lambda: self._waiting or self._is_closed, self._idle_seconds
            )
            self._idle -= 1
            if self._waiting:
                return self._waiting.popleft()
            self._count -= 1
            return None
