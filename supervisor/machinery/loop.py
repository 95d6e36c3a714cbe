"""An asyncio event loop in its own thread, for I/O-bound work.

A peer that hangs costs a timer instead of a thread. Coroutines must not block between
two awaits: that delays all others.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)


class EventLoop:
    """Starts immediately. All methods are thread-safe."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        #: Running tasks; asyncio itself keeps only weak references.
        self._tasks: set[asyncio.Task[Any]] = set()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name=name, daemon=True
        )
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], done: Callable[[T], None]) -> None:
        """Run `work` and pass its result to `done`, both in the loop's thread.

        If `work` raises, the error is logged and `done` is not called.
        """
        try:
            self._loop.call_soon_threadsafe(self._begin, work, done)
        except RuntimeError:  # the loop is closed: the daemon is stopping
            work.close()

    def _begin(self, work: Coroutine[Any, Any, T], done: Callable[[T], None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(lambda ended: self._end(ended, done))

    def _end(self, task: asyncio.Task[T], done: Callable[[T], None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            _log.error("a coroutine on the event loop failed", exc_info=error)
            return
        done(task.result())

    def close(self) -> None:
        """Cancel running tasks and stop the thread."""
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join(5)
        self._loop.close()

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._loop.call_soon(self._loop.stop)
