"""A forwarded connection: connects to a port of a pod and copies bytes both ways.

Rules
- The connection is closed when the pod closes it; a client that has sent everything may
  still receive.
- Data from the client is buffered up to a limit; beyond it, the whole tunnel waits,
  since neither protocol has flow control for single connections.
- Connections beyond the limit wait for some time and are then refused.

Follows pkg/kubelet/cri/streaming/portforward/portforward.go.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from supervisor.api.streams.target import Target
from supervisor.api.streams.workers import Worker, close_in_background
from supervisor.model.errors import ApiError
from supervisor.model.streams import ByteStream, StreamFailure

_logger = logging.getLogger(__name__)

_MAX_BUFFERED = 256 * 1024
_WAIT_SECONDS = 30.0

Send = Callable[[bytes], Awaitable[None]]


class ForwardError(Exception):
    """A connection that failed; the message is sent on the client's error stream."""


class Inbox:
    """A bounded buffer for bytes from the client to the pod."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._discards = False
        self._changed = asyncio.Condition()

    async def put(self, data: bytes) -> None:
        """Add bytes; waits while the buffer is full."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: self._size < _MAX_BUFFERED or self._discards
            )
            if data and not self._discards:
                self._pieces.append(data)
                self._size += len(data)
                self._changed.notify_all()

    async def end(self) -> None:
        """Mark the end of the input."""
        async with self._changed:
            self._ended = True
            self._changed.notify_all()

    async def discard(self) -> None:
        """Drop all bytes, also those added later."""
        async with self._changed:
            self._discards = True
            self._pieces.clear()
            self._size = 0
            self._changed.notify_all()

    async def take(self) -> bytes:
        """All buffered bytes; waits for some. Empty at the end of the input."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._pieces or self._ended)
            data = b"".join(self._pieces)
            self._pieces.clear()
            self._size = 0
            self._changed.notify_all()
            return data


@dataclass(frozen=True)
class Forwarder:
    """Forwards connections to ports of one pod."""

    target: Target
    limit: asyncio.Semaphore
    """Limits the connections of all pods."""

    async def forward(self, port: int, inbox: Inbox, send: Send) -> None:
        """Connect and copy until the pod closes the connection.

        Raises ForwardError if the connection fails, ConnectionError if the client has
        disconnected.
        """
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                await self.limit.acquire()
        except TimeoutError:
            raise self._failed(port, "too many forwarded connections") from None
        try:
            with Worker("forward-in") as writer, Worker("forward-out") as reader:
                stream = await self._dial(port, writer)
                try:
                    await _copy(stream, inbox, send, writer, reader)
                finally:
                    close_in_background(stream)
        finally:
            self.limit.release()

    async def _dial(self, port: int, worker: Worker) -> ByteStream:
        try:
            return await worker.open(self.target.node.dial, self.target.uid, port)
        except ApiError as error:
            raise self._failed(port, error.message) from error
        except (OSError, StreamFailure) as error:
            raise self._failed(port, str(error)) from error
        except Exception as error:
            _logger.warning(
                "connecting to port %s of a pod failed", port, exc_info=True
            )
            raise self._failed(port, str(error)) from error

    def _failed(self, port: int, reason: str) -> ForwardError:
        name, uid = self.target.pod.metadata.name, self.target.uid
        return ForwardError(
            f"error forwarding port {port} to pod {name}, uid {uid}: {reason}"
        )


async def _copy(
    stream: ByteStream, inbox: Inbox, send: Send, writer: Worker, reader: Worker
) -> None:
    sending = asyncio.ensure_future(_write_input(stream, inbox, writer))
    try:
        while data := await _read(stream, reader):
            await send(data)
    finally:
        sending.cancel()


async def _read(stream: ByteStream, reader: Worker) -> bytes:
    try:
        return await reader.run(stream.read)
    except (OSError, StreamFailure) as error:
        # Reported as end of stream: on an error, kubectl closes all connections.
        _logger.debug("a pod reset a forwarded connection: %s", error)
    except Exception:
        _logger.warning("a forwarded connection failed", exc_info=True)
    return b""


async def _write_input(stream: ByteStream, inbox: Inbox, writer: Worker) -> None:
    try:
        while data := await inbox.take():
            await writer.run(stream.write, data)
        await writer.run(stream.close_write)
    except (OSError, StreamFailure) as error:
        _logger.debug("a pod accepts no more data on a forwarded connection: %s", error)
    except Exception:
        _logger.warning("a forwarded connection failed", exc_info=True)
    await inbox.discard()
