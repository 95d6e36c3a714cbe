"""Clients of commands over WebSocket channels and SPDY streams."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection

from supervisor.api.streams.command import (
    SUCCESS,
    Input,
    Resize,
    Sizes,
    Stdin,
    StdinEnd,
    status,
)
from supervisor.api.streams.command_channels import V1, V4, V5, ChannelRemote
from supervisor.api.streams.command_spdy import SpdyRemote
from supervisor.api.streams.options import CommandOptions
from supervisor.api.streams.spdy_connection import SpdyConnection
from supervisor.api.streams.websocket import WebSocket
from tests.fakes.spdy_client import SpdyClient, finished, frames, text_of
from tests.fakes.wire import FakeWire, settle

ALL = CommandOptions("app", stdin=True, stdout=True, stderr=True, tty=False)
TERMINAL = CommandOptions("app", stdin=True, stdout=True, stderr=False, tty=True)
SIZE = b'{"Width":80,"Height":24}'


async def collected(inputs: AsyncGenerator[Input, None]) -> list[Input]:
    return [event async for event in inputs]


def by_channels(protocol: str, *messages: bytes) -> list[Input]:
    """The inputs decoded from WebSocket messages."""

    async def scenario() -> list[Input]:
        client = Connection(ConnectionType.CLIENT)
        wire = FakeWire(*(client.send(BytesMessage(data=m)) for m in messages))
        wire.end()
        return await collected(ChannelRemote(WebSocket(wire), protocol).inputs())

    return asyncio.run(scenario())


def test_channels_of_input() -> None:
    """Channel 0 is stdin, 4 the terminal size, 255 closes stdin."""
    sent = [b"\0hello", b"\4" + SIZE, b"\1what", b"", b"\0", b"\xff\0"]
    assert by_channels(V5, *sent) == [Stdin(b"hello"), Resize(80, 24), StdinEnd()]


def test_only_v5_can_close_stdin() -> None:
    """Before v5, messages on channel 255 are ignored."""
    assert by_channels(V4, b"\xff\0", b"\0x") == [Stdin(b"x")]


@pytest.mark.parametrize(
    ("protocol", "code", "told"),
    [
        (V5, 0, json.dumps(SUCCESS).encode()),
        (V4, 3, json.dumps(status(3)).encode()),
        (V1, 3, b"command terminated with non-zero exit code: 3"),
        (V1, 0, None),
    ],
)
def test_the_status_in_channels(protocol: str, code: int, told: bytes | None) -> None:
    """It is on channel 3 in the format of the version; then the WebSocket is closed."""

    async def scenario() -> list[object]:
        client = Connection(ConnectionType.CLIENT)
        wire = FakeWire()
        remote = ChannelRemote(WebSocket(wire), protocol)
        await remote.output(2, b"oops")
        finishing = asyncio.ensure_future(remote.finish(status(code)))
        await settle()
        client.receive_data(wire.take())
        wire.end()
        await finishing
        return list(client.events())

    error, *outcome, goodbye = asyncio.run(scenario())
    assert isinstance(error, BytesMessage)
    assert error.data == b"\2oops"
    assert [m.data for m in outcome if isinstance(m, BytesMessage)] == (
        [b"\3" + told] if told else []
    )
    assert isinstance(goodbye, CloseConnection)
    assert goodbye.code == 1000


def opened(client: SpdyClient, roles: Sequence[str]) -> bytes:
    """The streams 1, 3, 5, … with these types."""
    opening = [
        client.open(2 * i + 1, {"streamType": role}) for i, role in enumerate(roles)
    ]
    return b"".join(opening)


def test_spdy_streams_of_input() -> None:
    """stdin and sizes have separate streams, and may be sent early."""

    async def scenario() -> list[Input]:
        client = SpdyClient()
        wire = FakeWire(
            opened(client, ["error", "stdin"])
            + client.data(3, b"early")
            + client.open(5, {"streamtype": "stdout"})
            + client.open(7, {"streamtype": "resize"}),
            client.data(7, SIZE[:9]) + client.data(7, SIZE[9:]),
            client.data(3, b"late", fin=True),
        )
        wire.end()
        remote = SpdyRemote(SpdyConnection(wire), V4, TERMINAL)
        await remote.connect()
        assert [f.kind for f in frames(wire.take())] == [2, 2, 2, 2]
        return await collected(remote.inputs())

    assert asyncio.run(scenario()) == [
        Stdin(b"early"),
        Resize(80, 24),
        Stdin(b"late"),
        StdinEnd(),
    ]


def test_the_status_in_spdy() -> None:
    """The status is sent on the error stream, and all streams are closed."""

    async def scenario() -> None:
        client = SpdyClient()
        wire = FakeWire(opened(client, ["error", "stdin", "stdout", "stderr"]))
        remote = SpdyRemote(SpdyConnection(wire), V4, ALL)
        await remote.connect()
        await remote.output(1, b"x" * 40_000)
        await remote.output(2, b"oops")
        wire.end()
        await remote.finish(status(3))
        written = frames(wire.take())
        assert text_of(5, written) == b"x" * 40_000
        assert text_of(7, written) == b"oops"
        assert json.loads(text_of(1, written)) == status(3)
        assert finished(written) == {1, 3, 5, 7}
        assert wire.closed

    asyncio.run(scenario())


def test_a_client_that_does_not_open_its_streams() -> None:
    """If the client disconnects before, the error names the missing streams."""

    async def scenario() -> None:
        wire = FakeWire(opened(SpdyClient(), ["error", "stdout"]))
        wire.end()
        remote = SpdyRemote(SpdyConnection(wire), V4, ALL)
        with pytest.raises(ConnectionError, match="not opened: stderr, stdin"):
            await remote.connect()

    asyncio.run(scenario())


def test_unexpected_streams_are_refused() -> None:
    """They are reset, and the others continue."""

    async def scenario() -> None:
        roles = ["error", "nonsense", "stdin", "stdout", "stderr"]
        wire = FakeWire(opened(SpdyClient(), roles))
        await SpdyRemote(SpdyConnection(wire), V4, ALL).connect()
        written = frames(wire.take())
        assert [(f.kind, f.stream) for f in written] == [
            (2, 1),
            (3, 3),
            (2, 5),
            (2, 7),
            (2, 9),
        ]

    asyncio.run(scenario())


def test_invalid_sizes_are_dropped() -> None:
    """Later sizes are still read."""
    sizes = Sizes()
    sent = b'[1] {"Width":0,"Height":9} {"Width":"a"}\n' + SIZE + b"x" * 5000
    assert list(sizes.feed(sent)) == [Resize(80, 24)]
    assert list(sizes.feed(SIZE)) == [Resize(80, 24)]
