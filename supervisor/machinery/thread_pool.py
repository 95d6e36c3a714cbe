"""Threads for work that blocks: made when there is work, ended when there is none.

Rules
- A piece of work waits only while all threads that are allowed are busy.
- A thread that has had nothing to do for half a minute ends: a burst leaves nothing.
- They are daemons, unlike those of concurrent.futures: work that hangs does not keep
  the process from ending.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable

IDLE_SECONDS = 30.0
_log = logging.getLogger(__name__)


class ThreadPool:
    """All methods may be called from any thread."""

    def __init__(
        self, name: str, most: int, *, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        self._name = name
        self._most = most
        self._idle_seconds = idle_seconds
        self._changed = threading.Condition()
        self._waiting: deque[Callable[[], object]] = deque()
        self._count = 0
        self._idle = 0
        self._is_closed = False

    def submit(self, work: Callable[[], object]) -> None:
        """Have `work` done soon; nothing happens after `close`."""
        with self._changed:
            if self._is_closed:
                return
            self._waiting.append(work)
            if self._idle >= len(self._waiting):
                self._changed.notify()
            elif self._count < self._most:
                self._count += 1
                threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def close(self) -> None:
        """Forget what waits; what is being done goes on."""
        with self._changed:
            self._is_closed = True
            self._waiting.clear()
            self._changed.notify_all()

    def _run(self) -> None:
        while (work := self._next()) is not None:
            try:
                work()
            except Exception:  # noqa: BLE001  the thread outlives every mistake
                _log.exception("work of %s failed", self._name)
            del work  # nothing of it lives on while the thread waits

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
