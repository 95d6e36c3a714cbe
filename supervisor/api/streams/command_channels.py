"""Exec and attach over WebSocket channels: kubectl since 1.30, and client libraries.

The first byte of each message is its channel: 0 stdin, 1 stdout, 2 stderr, 3 status,
4 terminal size; in v5, 255 closes the channel given by the next byte.

Rules
- Before v4, the status is plain text, and sent only for failures.
- After the status, the WebSocket is closed normally (1000), which kubectl waits for.

Follows apimachinery/pkg/util/remotecommand/constants.go and
kubelet/pkg/cri/streaming/remotecommand/websocket.go.
"""

import json
from collections.abc import AsyncGenerator

from supervisor.api.streams.command import (
    STDERR,
    STDOUT,
    Input,
    Sizes,
    Stdin,
    StdinEnd,
)
from supervisor.api.streams.websocket import WebSocket
from supervisor.model.meta import Object

V5 = "v5.channel.k8s.io"
V4 = "v4.channel.k8s.io"
V1 = "channel.k8s.io"
#: In order of preference; clients that offer none get the last one.
PROTOCOLS = (V5, V4, V1, "")

_STDIN = 0
_STATUS = 3
_RESIZE = 4
_CLOSE = 255
_STDIN_DONE = bytes([_STDIN])
_CHANNEL = {STDOUT: b"\x01", STDERR: b"\x02"}


class ChannelRemote:
    """A `Remote` that speaks the channel protocol of one version."""

    def __init__(self, websocket: WebSocket, protocol: str) -> None:
        self._websocket = websocket
        self._protocol = protocol

    async def greet(self, stream: int) -> None:
        """Announce the connection by empty output, as upstream does."""
        await self._websocket.send(_CHANNEL[stream])

    async def inputs(self) -> AsyncGenerator[Input, None]:
        sizes = Sizes()
        channel = -1
        while (piece := await self._websocket.receive()) is not None:
            data = piece.data
            if piece.first:
                channel, data = (data[0], data[1:]) if data else (-1, b"")
            if channel == _STDIN and data:
                yield Stdin(data)
            elif channel == _RESIZE:
                for size in sizes.feed(data):
                    yield size
            elif channel == _CLOSE and self._protocol == V5 and data == _STDIN_DONE:
                yield StdinEnd()

    async def output(self, stream: int, data: bytes) -> None:
        await self._websocket.send(_CHANNEL[stream] + data)

    async def finish(self, status: Object) -> None:
        text = json.dumps(status)
        if self._protocol not in (V5, V4):
            text = status.get("message", "")
        if text:
            await self._websocket.send(bytes([_STATUS]) + text.encode())
        await self._websocket.close()

    def close(self) -> None:
        self._websocket.drop()
