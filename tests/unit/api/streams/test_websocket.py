"""WebSockets after their handshake."""

import asyncio

from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage

from supervisor.api.streams.websocket import Piece, Tunnel, WebSocket
from tests.fakes.wire import FakeWire, settle


class Client:
    """The client side, with the same library."""

    def __init__(self) -> None:
        self._framing = Connection(ConnectionType.CLIENT)

    def send(self, event: Event) -> bytes:
        return self._framing.send(event)

    def events(self, written: bytes) -> list[Event]:
        self._framing.receive_data(written)
        return list(self._framing.events())


def test_messages_are_received_in_parts() -> None:
    """Parts are marked as first and last."""

    async def scenario() -> list[Piece | None]:
        client = Client()
        whole = client.send(BytesMessage(data=b"abc"))
        text = client.send(TextMessage(data="é"))
        wire = FakeWire(whole + text[:-1], text[-1:])
        websocket = WebSocket(wire)
        wire.end()
        return [await websocket.receive() for _ in range(4)]

    first, *rest, last = asyncio.run(scenario())
    assert first == Piece(b"abc", first=True, last=True)
    assert b"".join(p.data for p in rest if p) == "é".encode()
    assert last is None


def test_pings_are_answered() -> None:
    """kubectl disconnects after a minute without a pong."""

    async def scenario() -> list[Event]:
        client = Client()
        wire = FakeWire(client.send(Ping(payload=b"42")))
        wire.end()
        await WebSocket(wire).receive()
        return client.events(wire.take())

    (answer,) = asyncio.run(scenario())
    assert isinstance(answer, Pong)
    assert answer.payload == b"42"


def test_closing_waits_for_the_client() -> None:
    """The connection stays open until the client closes, too."""

    async def scenario() -> None:
        client = Client()
        wire = FakeWire()
        websocket = WebSocket(wire)
        await websocket.send(b"last words")
        closing = asyncio.ensure_future(websocket.close())
        await settle()
        message, goodbye = client.events(wire.take())
        assert isinstance(message, BytesMessage)
        assert isinstance(goodbye, CloseConnection)
        assert goodbye.code == 1000
        wire.feed(client.send(goodbye.response()))
        assert not wire.closed
        await closing
        assert wire.closed

    asyncio.run(scenario())


def test_a_client_that_closes_first() -> None:
    """Its close frame is answered and ends the messages."""

    async def scenario() -> None:
        client = Client()
        wire = FakeWire(client.send(CloseConnection(code=1001)))
        websocket = WebSocket(wire)
        assert await websocket.receive() is None
        (answer,) = client.events(wire.take())
        assert isinstance(answer, CloseConnection)
        await websocket.close()
        assert wire.closed

    asyncio.run(scenario())


def test_invalid_frames_are_a_protocol_error() -> None:
    """The connection is closed with code 1002."""

    async def scenario() -> Event:
        wire = FakeWire(b"\xff\xff\xff\xff")
        websocket = WebSocket(wire)
        assert await websocket.receive() is None
        (answer,) = Client().events(wire.take())
        return answer

    answer = asyncio.run(scenario())
    assert isinstance(answer, CloseConnection)
    assert answer.code == 1002


def test_a_tunnel_ignores_message_boundaries() -> None:
    """It is a byte stream."""

    async def scenario() -> None:
        client = Client()
        messages = [BytesMessage(data=d) for d in (b"ab", b"", b"c")]
        wire = FakeWire(*(client.send(m) for m in messages))
        wire.end()
        tunnel = Tunnel(WebSocket(wire))
        assert [await tunnel.read() for _ in range(3)] == [b"ab", b"c", b""]

    asyncio.run(scenario())
