"""Exec and attach over SPDY streams: kubectl before 1.30, and its fallback since.

The client opens a stream for each of error, stdin, stdout, stderr and resize that it
uses; the header `streamtype` contains the type.

Rules
- The relay starts after all streams required by the options have been opened.
- The status is sent on the error stream; then all streams are closed, for which kubectl
  waits.

Follows kubelet/pkg/cri/streaming/remotecommand/httpstream.go.
"""

import asyncio
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
from supervisor.api.streams.options import CommandOptions
from supervisor.api.streams.spdy import (
    REFUSED_STREAM,
    Event,
    Opened,
    Received,
    Reset,
)
from supervisor.api.streams.spdy_connection import SpdyConnection
from supervisor.model.meta import Object

V4 = "v4.channel.k8s.io"
V3 = "v3.channel.k8s.io"
V2 = "v2.channel.k8s.io"
V1 = "channel.k8s.io"
PROTOCOLS = (V4, V3, V2, V1, "")

_OPEN_SECONDS = 30.0
_MAX_EARLY_EVENTS = 64
_OUTPUT = {STDOUT: "stdout", STDERR: "stderr"}


class SpdyRemote:
    """Satisfies Remote after `connect` has returned."""

    def __init__(
        self, connection: SpdyConnection, protocol: str, options: CommandOptions
    ) -> None:
        self._connection = connection
        self._protocol = protocol
        self._missing = _roles(options, protocol)
        self._stream_by_role: dict[str, int] = {}
        self._role_by_stream: dict[int, str] = {}
        self._early: list[Event] = []
        self._events = connection.events()

    async def connect(self) -> None:
        """Wait for all streams. Raises ConnectionError if they are not opened."""
        try:
            async with asyncio.timeout(_OPEN_SECONDS):
                while self._missing:
                    await self._take(await anext(self._events))
        except (TimeoutError, StopAsyncIteration):
            self._connection.close()
            missing = ", ".join(sorted(self._missing))
            raise ConnectionResetError(f"streams were not opened: {missing}") from None

    async def inputs(self) -> AsyncGenerator[Input, None]:
        sizes = Sizes()
        for early in self._early:
            for event in self._input(early, sizes):
                yield event
        self._early = []
        async for late in self._events:
            for event in self._input(late, sizes):
                yield event

    async def output(self, stream: int, data: bytes) -> None:
        await self._connection.send(self._stream_by_role[_OUTPUT[stream]], data)

    async def finish(self, status: Object) -> None:
        text = json.dumps(status)
        if self._protocol != V4:
            text = status.get("message", "")
        await self._connection.send(self._stream_by_role["error"], text.encode())
        for stream in self._role_by_stream:
            await self._connection.finish(stream)
        await self._connection.drain()

    def close(self) -> None:
        self._connection.close()

    async def _take(self, event: Event) -> None:
        if not isinstance(event, Opened):
            if len(self._early) >= _MAX_EARLY_EVENTS:
                raise ConnectionResetError("too much input before the streams are open")
            self._early.append(event)
            return
        role = event.headers.get("streamtype", "")
        if role not in self._missing:
            await self._connection.reset(event.stream, REFUSED_STREAM)
            return
        self._missing.remove(role)
        self._stream_by_role[role] = event.stream
        self._role_by_stream[event.stream] = role
        await self._connection.reply(event.stream)

    def _input(self, event: Event, sizes: Sizes) -> list[Input]:
        match event:
            case Received(stream, data, fin):
                role = self._role_by_stream.get(stream, "")
                if role == "resize":
                    return list(sizes.feed(data))
                if role == "stdin":
                    end: list[Input] = [StdinEnd()] if fin else []
                    return [Stdin(data), *end] if data else end
            case Reset(stream, _):
                if self._role_by_stream.get(stream) == "stdin":
                    return [StdinEnd()]
        return []


def _roles(options: CommandOptions, protocol: str) -> set[str]:
    required = {
        "error": True,
        "stdin": options.stdin,
        "stdout": options.stdout,
        "stderr": options.stderr,
        "resize": options.tty and protocol in (V4, V3),
    }
    return {role for role, is_required in required.items() if is_required}
