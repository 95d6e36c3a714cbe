"""One forwarded connection: dial the pod's port, and carry bytes both ways.

Rules
- The connection ends when the pod ends it; a client that has no more to say may still
  listen.
- What the client sends is kept up to a bound; then its whole tunnel waits, since
  neither of the tunnels' protocols can slow one connection down.
- Connections above the limit wait for a while, and are refused then.

Follows pkg/kubelet/cri/streaming/portforward/portforward.go.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from supervisor.api.streams.target import Target
from supervisor.api.streams.workers import Worker, close_soon
from supervisor.model.errors import ApiError
from supervisor.model.streams import ByteStream, StreamFailure

_logger = logging.getLogger(__name__)

_MAX_KEPT = 256 * 1024
_WAIT_SECONDS = 30.0

Send = Callable[[bytes], Awaitable[None]]


class ForwardError(Exception):
    """The text is for the client's error stream."""


class Inbox:
    """Bytes on their way from the client into the pod, up to a bound."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._discards = False
        self._changed = asyncio.Condition()

    async def put(self, data: bytes) -> None:
        """Keep the bytes; waits while there are too many."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: self._size < _MAX_KEPT or self._discards
            )
            if data and not self._discards:
                self._pieces.append(data)
                self._size += len(data)
                self._changed.notify_all()

    async def end(self) -> None:
        """The client sends no more."""
        async with self._changed:
            self._ended = True
            self._changed.notify_all()

    async def discard(self) -> None:
        """Nobody takes any more: drop what is here and what will come."""
        async with self._changed:
            self._discards = True
            self._pieces.clear()
            self._size = 0
            self._changed.notify_all()

    async def take(self) -> bytes:
        """All that is here; empty at the end."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._pieces or self._ended)
            data = b"".join(self._pieces)
            self._pieces.clear()
            self._size = 0
            self._changed.notify_all()
            return data


@dataclass(frozen=True)
class Forwarder:
    """Connects clients with ports of one pod."""

    target: Target
    limit: asyncio.Semaphore
    """Of the connections of all pods."""

    async def carry(self, port: int, inbox: Inbox, send: Send) -> None:
        """Connect and carry until the pod ends the connection.

        Raises ForwardError when there is no connection, ConnectionError when the
        client is gone.
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
                    await _carry(stream, inbox, send, writer, reader)
                finally:
                    close_soon(stream)
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
            _logger.warning("dialling port %s of a pod failed", port, exc_info=True)
            raise self._failed(port, str(error)) from error

    def _failed(self, port: int, why: str) -> ForwardError:
        name, uid = self.target.pod.metadata.name, self.target.uid
        return ForwardError(
            f"error forwarding port {port} to pod {name}, uid {uid}: {why}"
        )


async def _carry(
    stream: ByteStream, inbox: Inbox, send: Send, writer: Worker, reader: Worker
) -> None:
    sending = asyncio.ensure_future(_send_in(stream, inbox, writer))
    try:
        while data := await _read(stream, reader):
            await send(data)
    finally:
        sending.cancel()


async def _read(stream: ByteStream, reader: Worker) -> bytes:
    try:
        return await reader.run(stream.read)
    except (OSError, StreamFailure) as error:
        # Told as an end: an error would make kubectl give all connections up.
        _logger.debug("a pod broke a forwarded connection: %s", error)
    except Exception:
        _logger.warning("a forwarded connection failed", exc_info=True)
    return b""


async def _send_in(stream: ByteStream, inbox: Inbox, writer: Worker) -> None:
    try:
        while data := await inbox.take():
            await writer.run(stream.write, data)
        await writer.run(stream.close_write)
    except (OSError, StreamFailure) as error:
        _logger.debug("a pod takes no more of a forwarded connection: %s", error)
    except Exception:
        _logger.warning("a forwarded connection failed", exc_info=True)
    await inbox.discard()
