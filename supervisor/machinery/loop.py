"""One asyncio event loop in a thread of its own, for work that mostly waits.

A hanging peer then costs a timer and not a thread. Everything that runs here must be
quick between two awaits: one slow step delays all others.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)


class EventLoop:
    """Starts at once. All methods may be called from any thread."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        #: Running tasks; the loop itself refers to them only weakly.
        self._tasks: set[asyncio.Task[Any]] = set()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name=name, daemon=True
        )
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], done: Callable[[T], None]) -> None:
        """Run `work`, then `done` with what it returned, both in the loop's thread.

        `work` is expected to turn its failures into values; one that raises is logged
        and `done` is not called.
        """
        try:
            self._loop.call_soon_threadsafe(self._begin, work, done)
        except RuntimeError:  # closed meanwhile: the daemon is stopping
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
            _log.error("work on the event loop failed", exc_info=error)
            return
        done(task.result())

    def close(self) -> None:
        """Cancel what runs and end the thread."""
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join(5)
        self._loop.close()

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._loop.call_soon(self._loop.stop)
