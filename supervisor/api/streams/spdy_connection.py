"""A SPDY connection: events from the client, and sending of frames.

Rules
- One coroutine reads events; several may send. Frames are written as a whole.
- Pings are answered while events are read, so they must be read continuously.
- Sending waits while the client is slow, and raises ConnectionError if it has
  disconnected.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator

from supervisor.api.hijack import Wire
from supervisor.api.streams.spdy import Event, Framing, FramingError, Ping

_logger = logging.getLogger(__name__)

_MAX_FRAME = 32 * 1024
_DRAIN_SECONDS = 5.0


class SpdyConnection:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._framing = Framing()
        self._finished: set[int] = set()

    async def events(self) -> AsyncGenerator[Event, None]:
        """Events of the client until it disconnects or violates the protocol."""
        while data := await self._wire.read():
            try:
                for event in self._framing.receive(data):
                    if isinstance(event, Ping):
                        await self._wire.write(self._framing.ping(event.id))
                    else:
                        yield event
            except FramingError as error:
                _logger.warning("closing a SPDY connection: %s", error)
                self._wire.close()
                return
            except ConnectionError:
                return

    async def reply(self, stream: int) -> None:
        """Accept a stream that the client opened. Raises ConnectionError."""
        await self._wire.write(self._framing.reply(stream))

    async def send(self, stream: int, data: bytes) -> None:
        for at in range(0, len(data), _MAX_FRAME):
            piece = data[at : at + _MAX_FRAME]
            await self._wire.write(self._framing.data(stream, piece))

    async def finish(self, stream: int) -> None:
        """Close our side of a stream; further calls have no effect."""
        if stream not in self._finished:
            self._finished.add(stream)
            await self._wire.write(self._framing.data(stream, b"", fin=True))

    async def reset(self, stream: int, status: int) -> None:
        self._finished.add(stream)
        await self._wire.write(self._framing.reset(stream, status))

    async def drain(self) -> None:
        """Wait, for a limited time, until the client disconnects; then close.

        Closing a connection with unread input could discard our last frames.
        """
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                while await self._wire.read():
                    continue
        except TimeoutError:
            _logger.debug("a SPDY client did not disconnect in time")
        finally:
            self._wire.close()

    def close(self) -> None:
        self._wire.close()
