"""Port-forward over SPDY streams: each connection is a pair of streams.

The client opens an error and a data stream with the same `requestid` and `port`.

Rules
- The error stream is used only if the connection could not be made.
- If a connection fails, only that connection is closed.
- If the client resets a stream, its connection is closed immediately.

Follows pkg/kubelet/cri/streaming/portforward/httpstream.go.
"""

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass, field

from supervisor.api.streams.forward import Forwarder, ForwardError, Inbox
from supervisor.api.streams.options import port as parse_port
from supervisor.api.streams.spdy import (
    REFUSED_STREAM,
    Event,
    Opened,
    Received,
    Reset,
)
from supervisor.api.streams.spdy_connection import SpdyConnection
from supervisor.model.errors import ApiError, bad_request

_logger = logging.getLogger(__name__)

_PAIR_SECONDS = 30.0
_MAX_PAIRS = 1024


@dataclass(eq=False)
class _Pair:
    port: int
    streams: dict[str, int] = field(default_factory=dict)
    """Stream ids by type, `error` and `data`."""
    complete: asyncio.Event = field(default_factory=asyncio.Event)
    inbox: Inbox = field(default_factory=Inbox)
    task: "asyncio.Task[None] | None" = None


class SpdyTunnel:
    def __init__(self, connection: SpdyConnection, forwarder: Forwarder) -> None:
        self._connection = connection
        self._forwarder = forwarder
        self._pair_by_request: dict[str, _Pair] = {}
        self._pair_by_stream: dict[int, _Pair] = {}

    async def run(self) -> None:
        """Serve connections until the client has disconnected."""
        try:
            async with aclosing(self._connection.events()) as events:
                async for event in events:
                    await self._handle(event)
        finally:
            for pair in list(self._pair_by_request.values()):
                if pair.task is not None:
                    pair.task.cancel()
            self._connection.close()

    async def _handle(self, event: Event) -> None:
        match event:
            case Opened(stream):
                await self._open(event)
                if event.fin:
                    await self._receive(Received(stream, b"", fin=True))
            case Received():
                await self._receive(event)
            case Reset(stream, _):
                pair = self._pair_by_stream.get(stream)
                if pair is not None and pair.task is not None:
                    pair.task.cancel()

    async def _open(self, event: Opened) -> None:
        try:
            kind, request, port = _checked(event)
            if len(self._pair_by_request) >= _MAX_PAIRS:
                raise bad_request("too many forwarded connections")
            pair = self._pair_by_request.get(request) or _Pair(port)
            if kind in pair.streams:
                raise bad_request(f"request {request} already has a {kind} stream")
        except ApiError as error:
            _logger.warning("a port-forward stream was refused: %s", error)
            await self._connection.reset(event.stream, REFUSED_STREAM)
            return
        pair.streams[kind] = event.stream
        self._pair_by_request[request] = pair
        self._pair_by_stream[event.stream] = pair
        await self._connection.reply(event.stream)
        if pair.task is None:
            pair.task = asyncio.ensure_future(self._serve(request, pair))
        if len(pair.streams) == 2:
            pair.complete.set()

    async def _receive(self, event: Received) -> None:
        pair = self._pair_by_stream.get(event.stream)
        if pair is None or pair.streams.get("data") != event.stream:
            return
        await pair.inbox.put(event.data)
        if event.fin:
            await pair.inbox.end()

    async def _serve(self, request: str, pair: _Pair) -> None:
        try:
            async with asyncio.timeout(_PAIR_SECONDS):
                await pair.complete.wait()
            data = pair.streams["data"]
            await self._forwarder.forward(
                pair.port, pair.inbox, lambda piece: self._connection.send(data, piece)
            )
            await self._finish(pair)
        except ForwardError as error:
            _logger.info("%s", error)
            await self._refuse(pair, str(error))
        except TimeoutError:
            _logger.warning("the second stream of request %s was not opened", request)
            for stream in pair.streams.values():
                await self._connection.reset(stream, REFUSED_STREAM)
        except ConnectionError:
            _logger.debug("the client of a port-forward has disconnected")
        finally:
            await self._forget(request, pair)

    async def _refuse(self, pair: _Pair, text: str) -> None:
        try:
            await self._connection.send(pair.streams["error"], text.encode())
            await self._finish(pair)
        except ConnectionError:
            _logger.debug("the client of a port-forward has disconnected")

    async def _finish(self, pair: _Pair) -> None:
        for stream in pair.streams.values():
            await self._connection.finish(stream)

    async def _forget(self, request: str, pair: _Pair) -> None:
        self._pair_by_request.pop(request, None)
        for stream in pair.streams.values():
            self._pair_by_stream.pop(stream, None)
        await pair.inbox.discard()


def _checked(event: Opened) -> tuple[str, str, int]:
    """Type, request and port of a new stream. Raises ApiError."""
    kind = event.headers.get("streamtype", "")
    if kind not in ("error", "data"):
        raise bad_request(f'invalid stream type "{kind}", it must be error or data')
    if "port" not in event.headers:
        raise bad_request('"port" header is required')
    # Old clients send no request id: their data stream follows the error stream.
    first = event.stream - 2 if kind == "data" else event.stream
    request = event.headers.get("requestid", "") or f"stream {first}"
    return kind, request, parse_port(event.headers["port"])
