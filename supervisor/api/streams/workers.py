"""Worker threads for blocking calls of coroutines, and the limit of open streams.

Streams of a node are blocking objects, so each direction of each stream has its own
thread, a `Worker`.

Rules
- A worker executes one call at a time. Its thread starts with the first call and ends
  after `stop`, when the current call has returned.
- Threads are daemon threads: a call that never returns does not prevent exit.
- Results of cancelled calls are passed to `discard`, so that streams do not leak.
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
        """Execute the call and pass its result to the event loop, if it still runs."""
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
    """A thread that executes blocking calls one after another."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def run(self, call: Callable[..., T], *args: Any) -> T:
        """Execute `call` and return its result. Cancellation does not stop the call."""
        return await self._submit(lambda: call(*args), None)

    async def open(self, call: Callable[..., C], *args: Any) -> C:
        """Like `run`, but closes the result if the caller has been cancelled."""
        return await self._submit(lambda: call(*args), close_in_background)

    def stop(self) -> None:
        """End the thread after its current call."""
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
            # The result may have arrived just before the cancellation.
            if not future.cancelled() and future.exception() is None:
                job.drop(future.result())
            raise

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.run()
            # Do not keep a reference while waiting for the next job.
            del job


def close_in_background(stream: Closable) -> None:
    """Close in a new thread: closing may block, and the event loop must not."""
    threading.Thread(target=_close, args=(stream,), daemon=True).start()


def _close(stream: Closable) -> None:
    try:
        stream.close()
    except (OSError, StreamFailure) as error:
        _logger.debug("closing a stream: %s", error)
    except Exception:
        _logger.warning("closing a stream failed", exc_info=True)


class StreamLimiter:
    """Limits the number of open streams. Used only in the event loop."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Occupy a slot. Raises ApiError 429 if there is none."""
        if self._taken >= self._limit:
            raise too_many_requests(
                f"there are already {self._limit} open streams (logs, exec, attach, "
                "port-forward), the maximum number",
                _RETRY_SECONDS,
            )
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
