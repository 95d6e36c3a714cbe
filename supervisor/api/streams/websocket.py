"""A WebSocket on a connection after its handshake.

Rules
- Messages are received in parts as they arrive, so a long message is never buffered.
- Pings are answered while a coroutine receives.
- `close` waits, for a limited time, until the peer has disconnected: closing a
  connection with unread input could discard our last messages.

Used by the channel protocols (command_channels.py, forward_channels.py), and through
`Tunnel` by SPDY inside WebSocket.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

from wsproto.connection import Connection as Framing
from wsproto.connection import ConnectionState, ConnectionType
from wsproto.events import (
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError

from supervisor.api.hijack import Wire

_CLOSE_SECONDS = 5.0
NORMAL = 1000


@dataclass(frozen=True)
class Piece:
    """A part of a message; the whole message if both `first` and `last`."""

    data: bytes
    first: bool
    last: bool


class WebSocket:
    """One coroutine may receive; several may send."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._framing = Framing(ConnectionType.SERVER)
        self._pieces: deque[Piece] = deque()
        self._between_messages = True
        self._ended = False

    async def receive(self) -> Piece | None:
        """The next part of a message; None if the peer has closed or disconnected."""
        while not self._pieces and not self._ended:
            await self._take(await self._wire.read())
        return self._pieces.popleft() if self._pieces else None

    async def send(self, data: bytes) -> None:
        """Send a binary message. Raises ConnectionError if the connection is closed."""
        await self._wire.write(self._frame(BytesMessage(data=data)))

    async def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Perform the closing handshake, and close the connection."""
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                if self._framing.state is ConnectionState.OPEN:
                    close_frame = CloseConnection(code=code, reason=reason)
                    await self._wire.write(self._frame(close_frame))
                while not self._ended:
                    await self._take(await self._wire.read())
                    # No longer read, but the peer may still send.
                    self._pieces.clear()
        except (ConnectionError, TimeoutError):
            return
        finally:
            self._wire.close()

    def drop(self) -> None:
        """Close the connection without a closing handshake."""
        self._wire.close()

    async def _take(self, data: bytes) -> None:
        if not data:
            self._ended = True
            return
        self._framing.receive_data(data)
        for event in self._framing.events():
            await self._handle(event)

    async def _handle(self, event: Event) -> None:
        match event:
            case BytesMessage(data=data):
                self._keep(bytes(data), event.message_finished)
            case TextMessage(data=text):
                self._keep(text.encode(), event.message_finished)
            case Ping():
                if self._framing.state is ConnectionState.OPEN:
                    await self._wire.write(self._frame(event.response()))
            case CloseConnection():
                self._ended = True
                if self._framing.state is ConnectionState.REMOTE_CLOSING:
                    await self._wire.write(self._frame(event.response()))
                elif self._framing.state is ConnectionState.OPEN:
                    # A protocol error, detected by wsproto.
                    await self._wire.write(self._frame(event))

    def _keep(self, data: bytes, last: bool) -> None:
        piece = Piece(data, first=self._between_messages, last=last)
        self._between_messages = last
        self._pieces.append(piece)

    def _frame(self, event: Event) -> bytes:
        try:
            return self._framing.send(event)
        except LocalProtocolError as error:
            raise ConnectionResetError("the WebSocket is closed") from error


class Tunnel:
    """A byte stream in the messages of a WebSocket. Satisfies Wire."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._closing: asyncio.Task[None] | None = None

    async def read(self) -> bytes:
        while (piece := await self._websocket.receive()) is not None:
            if piece.data:
                return piece.data
        return b""

    async def write(self, data: bytes) -> None:
        await self._websocket.send(data)

    def close(self) -> None:
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._websocket.close())
