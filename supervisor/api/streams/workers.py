"""Blocking calls on behalf of coroutines, and how many streams there may be.

Streams of a node are plain blocking objects, so each direction of each stream has a
thread of its own while it lasts: a `Worker`.

Rules
- A worker makes one call at a time. Its thread starts with the first call and ends
  with `stop`, at the latest when the call under way returns.
- Threads are daemons: a call that never returns does not keep the process.
- A result nobody waits for any more is handed to `discard`, so that nothing leaks.
"""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from supervisor.model.errors import too_many_requests
from supervisor.model.streams import StreamFailure

_logger = logging.getLogger(__name__)

_RETRY_SECONDS = 5

T = TypeVar("T")


class Closable(Protocol):
    def close(self) -> None: ...


C = TypeVar("C", bound=Closable)


@dataclass(frozen=True)
class _Job:
    call: Callable[[], Any]
    future: "asyncio.Future[Any]"
    discard: Callable[[Any], None] | None

    def run(self) -> None:
        """Make the call and hand its outcome to the loop, if that still runs."""
        result, error = None, None
        try:
            result = self.call()
        except BaseException as caught:  # noqa: BLE001 - handed to the coroutine
            error = caught
        try:
            loop = self.future.get_loop()
            loop.call_soon_threadsafe(self._deliver, result, error)
        except RuntimeError:
            self.drop(result)

    def _deliver(self, result: Any, error: BaseException | None) -> None:
        if self.future.cancelled():
            self.drop(result)
        elif error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(result)

    def drop(self, result: Any) -> None:
        if self.discard is not None and result is not None:
            self.discard(result)


class Worker:
    """One thread that makes blocking calls, one after another."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def run(self, call: Callable[..., T], *args: Any) -> T:
        """What the call answers. Cancelling leaves the call running."""
        return await self._submit(lambda: call(*args), None)

    async def open(self, call: Callable[..., C], *args: Any) -> C:
        """As `run`; what is opened too late for a cancelled caller is closed."""
        return await self._submit(lambda: call(*args), close_soon)

    def stop(self) -> None:
        """Let the thread end after its present call."""
        self._jobs.put(None)

    async def _submit(
        self, call: Callable[[], T], discard: Callable[[Any], None] | None
    ) -> T:
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        job = _Job(call, future, discard)
        self._jobs.put(job)
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._work, name=self._name, daemon=True
            )
            self._thread.start()
        try:
            return await future
        except asyncio.CancelledError:
            # The result may have come just before its receiver was cancelled.
            if not future.cancelled() and future.exception() is None:
                job.drop(future.result())
            raise

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.run()
            # Nothing of the job may live on while the thread waits for the next.
            del job


def close_soon(stream: Closable) -> None:
    """Close from a passing thread: closing may block, the loop must not."""
    threading.Thread(target=_close, args=(stream,), daemon=True).start()


def _close(stream: Closable) -> None:
    try:
        stream.close()
    except (OSError, StreamFailure) as error:
        _logger.debug("a stream was not closed in order: %s", error)
    except Exception:
        _logger.warning("closing a stream failed", exc_info=True)


class Slots:
    """So many streams at a time. Used on the event loop only."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot. Raises ApiError 429 when all are taken."""
        if self._taken >= self._limit:
            raise too_many_requests(
                f"there are already {self._limit} streams (logs, exec, attach, "
                "port-forward) open, which is the most that are allowed",
                _RETRY_SECONDS,
            )
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
