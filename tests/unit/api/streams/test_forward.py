"""Forwarded connections over SPDY streams and WebSocket channels."""

import asyncio
import queue
from collections.abc import Awaitable, Callable

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection

from supervisor.api.streams.forward import Forwarder, Inbox
from supervisor.api.streams.forward_channels import ChannelTunnel
from supervisor.api.streams.forward_spdy import SpdyTunnel
from supervisor.api.streams.spdy_connection import SpdyConnection
from supervisor.api.streams.target import Target
from supervisor.api.streams.websocket import WebSocket
from supervisor.model.errors import ApiError
from supervisor.model.meta import decode
from supervisor.model.pod import Pod
from supervisor.model.streams import ByteStream
from supervisor.runtime.base import EngineUnavailable
from tests.fakes.node import FakeNode
from tests.fakes.pods_api import pod
from tests.fakes.spdy_client import (
    Frame,
    SpdyClient,
    control,
    finished,
    frames,
    text_of,
)
from tests.fakes.wire import FakeWire, settle


class Echo:
    """A connection to a pod that echoes its input."""

    def __init__(self) -> None:
        self._pieces: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.closed = False

    def read(self) -> bytes:
        return self._pieces.get()

    def write(self, data: bytes) -> None:
        self._pieces.put(data)

    def close_write(self) -> None:
        self._pieces.put(b"")

    def close(self) -> None:
        self.closed = True
        self._pieces.put(b"")


class EchoNode(FakeNode):
    """A node whose pods echo on every port except 9."""

    def __init__(self) -> None:
        super().__init__()
        self.echoes: list[Echo] = []

    def dial(self, pod_uid: str, port: int) -> ByteStream:
        if port == 10:
            raise EngineUnavailable("the engine is away")
        if port == 9:
            raise ApiError(500, "InternalError", "connection refused")
        self.echoes.append(Echo())
        return self.echoes[-1]


@pytest.fixture
def node() -> EchoNode:
    """The pod's node."""
    return EchoNode()


async def until(holds: Callable[[], bool]) -> None:
    """Let threads and coroutines run until a condition is true."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0)


def forwarder(node: EchoNode) -> Forwarder:
    target = Target(decode(Pod, pod("web", "app")), node)
    return Forwarder(target, asyncio.Semaphore(8))


def by_spdy(
    node: EchoNode, scenario: Callable[[SpdyClient, FakeWire], Awaitable[None]]
) -> None:
    """Run a client scenario against a tunnel; the client disconnects at the end."""

    async def run() -> None:
        wire = FakeWire()
        tunnel = SpdyTunnel(SpdyConnection(wire), forwarder(node))
        running = asyncio.ensure_future(tunnel.run())
        await scenario(SpdyClient(), wire)
        wire.end()
        await running
        assert wire.closed

    asyncio.run(run())


def pair(client: SpdyClient, first: int, port: str, request: str = "0") -> bytes:
    """The error stream `first` and the data stream after it, as opened by kubectl."""
    headers = {"port": port, "requestid": request}
    opening = client.open(first, headers | {"streamtype": "error"})
    opening += client.data(first, b"", fin=True)
    return opening + client.open(first + 2, headers | {"streamtype": "data"})


async def written(wire: FakeWire, streams: set[int]) -> list[Frame]:
    """All frames, after the server has closed these streams."""
    await until(lambda: streams <= finished(frames(bytes(wire.written))))
    return frames(wire.take())


def test_data_is_forwarded_both_ways(node: EchoNode) -> None:
    """Data of the client reaches the pod, and its response the client."""

    async def scenario(client: SpdyClient, wire: FakeWire) -> None:
        wire.feed(pair(client, 1, "80") + client.data(3, b"hello"))
        wire.feed(client.data(3, b" world", fin=True))
        seen = await written(wire, {1, 3})
        assert text_of(3, seen) == b"hello world"
        assert text_of(1, seen) == b""

    by_spdy(node, scenario)


def test_a_refused_connection_keeps_the_tunnel(node: EchoNode) -> None:
    """The error stream has the reason; another connection works afterwards."""

    async def scenario(client: SpdyClient, wire: FakeWire) -> None:
        wire.feed(pair(client, 1, "9"))
        seen = await written(wire, {1, 3})
        assert text_of(1, seen) == (
            b"error forwarding port 9 to pod web, uid uid-web: connection refused"
        )
        wire.feed(pair(client, 5, "80", "1") + client.data(7, b"x", fin=True))
        assert text_of(7, await written(wire, {5, 7})) == b"x"

    by_spdy(node, scenario)


def test_a_lost_engine_is_not_logged_as_warning(
    node: EchoNode, caplog: pytest.LogCaptureFixture
) -> None:
    """The client gets the reason."""

    async def scenario(client: SpdyClient, wire: FakeWire) -> None:
        wire.feed(pair(client, 1, "10"))
        told = text_of(1, await written(wire, {1, 3}))
        assert told.endswith(b"uid uid-web: the engine is away")

    by_spdy(node, scenario)
    assert not caplog.records


def test_clients_without_request_ids(node: EchoNode) -> None:
    """Streams of old clients are paired by their order."""

    async def scenario(client: SpdyClient, wire: FakeWire) -> None:
        wire.feed(client.open(1, {"streamtype": "error", "port": "80"}))
        wire.feed(client.open(3, {"streamtype": "data", "port": "80"}))
        wire.feed(client.data(3, b"x", fin=True))
        assert text_of(3, await written(wire, {1, 3})) == b"x"

    by_spdy(node, scenario)


@pytest.mark.parametrize(
    "headers",
    [
        {"streamtype": "data"},
        {"streamtype": "other", "port": "80"},
        {"streamtype": "data", "port": "http"},
    ],
)
def test_invalid_streams_are_reset(node: EchoNode, headers: dict[str, str]) -> None:
    """Streams without type or port."""

    async def scenario(client: SpdyClient, wire: FakeWire) -> None:
        wire.feed(client.open(1, headers))
        await until(lambda: bool(wire.written))
        assert [f.kind for f in frames(wire.take())] == [3]

    by_spdy(node, scenario)


def test_a_reset_ends_its_connection(node: EchoNode) -> None:
    """If the client resets a data stream, the connection to the pod is closed."""

    async def scenario(client: SpdyClient, wire: FakeWire) -> None:
        wire.feed(pair(client, 1, "80"))
        await until(lambda: len(node.echoes) == 1)
        wire.feed(control(3, b"\0\0\0\x03\0\0\0\x05"))
        await until(lambda: node.echoes[0].closed)

    by_spdy(node, scenario)


def test_a_client_that_disconnects_closes_its_connections(node: EchoNode) -> None:
    """No connection to the pod remains open."""

    async def scenario(client: SpdyClient, wire: FakeWire) -> None:
        wire.feed(pair(client, 1, "80"))
        await until(lambda: len(node.echoes) == 1)
        wire.end()
        await until(lambda: node.echoes[0].closed)

    by_spdy(node, scenario)


def test_ports_in_channels(node: EchoNode) -> None:
    """Each port has two channels, which the server opens with the port number."""

    async def scenario() -> None:
        client = Connection(ConnectionType.CLIENT)
        wire = FakeWire()
        tunnel = ChannelTunnel(WebSocket(wire), forwarder(node), [8080, 9])
        running = asyncio.ensure_future(tunnel.run())
        wire.feed(client.send(BytesMessage(data=b"\0hello")))
        messages: list[bytes] = []

        def received() -> bool:
            client.receive_data(wire.take())
            for event in client.events():
                if isinstance(event, BytesMessage):
                    messages.append(bytes(event.data))
                if isinstance(event, CloseConnection):
                    wire.end()
            return b"\0hello" in messages and len(messages) == 6

        await until(received)
        openings = {b"\0\x90\x1f", b"\1\x90\x1f", b"\2\x09\0", b"\3\x09\0"}
        assert openings < set(messages)
        error = b"\3error forwarding port 9 to pod web, uid uid-web: connection refused"
        assert error in messages
        node.echoes[0].close()
        await until(lambda: (received(), running.done())[1])
        assert wire.closed

    asyncio.run(scenario())


def test_an_inbox_is_bounded() -> None:
    """Further bytes wait until others are taken or all are discarded."""

    async def scenario() -> None:
        inbox = Inbox()
        await inbox.put(bytes(300_000))
        waiting = asyncio.ensure_future(inbox.put(b"x"))
        await settle()
        assert not waiting.done()
        assert len(await inbox.take()) == 300_000
        await waiting
        await inbox.end()
        assert [await inbox.take() for _ in range(2)] == [b"x", b""]
        await inbox.discard()
        await inbox.put(bytes(300_000))
        await inbox.put(bytes(300_000))

    asyncio.run(scenario())
