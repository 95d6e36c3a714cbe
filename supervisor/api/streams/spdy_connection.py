"""SPDY over a wire: the events of the client, and the frames that go back.

Rules
- One coroutine takes the events; any number of them send. A frame is written whole.
- Pings are answered here, so events must be taken all the time.
- Sending waits while the client is slow, and raises ConnectionError when it is gone.
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
        """What the client does, until it is gone."""
        while data := await self._wire.read():
            try:
                for event in self._framing.receive(data):
                    if isinstance(event, Ping):
                        await self._wire.write(self._framing.ping(event.id))
                    else:
                        yield event
            except FramingError as error:
                _logger.warning("a SPDY client is cut off: %s", error)
                self._wire.close()
                return
            except ConnectionError:
                return

    async def reply(self, stream: int) -> None:
        """Agree to a stream that the client opened."""
        await self._wire.write(self._framing.reply(stream))

    async def send(self, stream: int, data: bytes) -> None:
        for at in range(0, len(data), _MAX_FRAME):
            piece = data[at : at + _MAX_FRAME]
            await self._wire.write(self._framing.data(stream, piece))

    async def finish(self, stream: int) -> None:
        """No more is sent on this stream; a second call does nothing."""
        if stream not in self._finished:
            self._finished.add(stream)
            await self._wire.write(self._framing.data(stream, b"", fin=True))

    async def reset(self, stream: int, status: int) -> None:
        self._finished.add(stream)
        await self._wire.write(self._framing.reset(stream, status))

    async def part(self) -> None:
        """Wait until the client has read everything and leaves, for a bounded time.

        A connection closed over unread input would lose our last frames.
        """
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                while await self._wire.read():
                    continue
        except TimeoutError:
            _logger.debug("a SPDY client does not leave")
        finally:
            self._wire.close()

    def close(self) -> None:
        self._wire.close()
