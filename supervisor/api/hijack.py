"""An HTTP/1.1 server protocol whose connections can be taken over by a handler.

All upgrades, including WebSocket, reach the application as plain HTTP requests, so
authentication covers them and errors are ordinary responses with a body. A handler
that accepts an upgrade takes over the connection and uses it for another protocol.

Rules
- A connection is taken over at most once, after the request body has been read.
- Buffers for received and unsent bytes are bounded; the peer or the writer waits.
- A connection that was taken over is closed when the server stops.
- Not thread-safe: use it only from the event loop.
"""

import asyncio
import select
import socket
from collections.abc import Sequence
from typing import Any, Protocol, cast

import h11
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from supervisor.api.deadlines import Deadline, Part
from supervisor.api.framing import StrictConnection
from supervisor.machinery import socket_options
from supervisor.model.errors import too_many_requests

_EXTENSION = "supervisor.connection"
_MAX_UNREAD = 256 * 1024
_MAX_UNSENT = 64 * 1024
_MAX_HEAD = 64 * 1024
_CLOSE_SECONDS = 5.0
#: Time for a client to read the rest of a response before its connection is aborted.
_ABORT_SECONDS = 0.5
_HANGUP_CHECK_SECONDS = 5.0
_RETRY_SECONDS = 5
_TCP_OPTIONS = socket_options.options(idle=30, interval=10, tries=3)

MAX_CONNECTIONS = 4096
"""Requests on further connections are answered with 429."""
_MAX_REFUSED = 256
"""Maximum number of connections that get a 429; further ones are dropped."""

Headers = Sequence[tuple[str, str]]


class Wire(Protocol):
    """A bidirectional byte stream, such as a RawConnection."""

    async def read(self) -> bytes:
        """The next bytes; empty at end of stream."""

    async def write(self, data: bytes) -> None:
        """Send; waits while the peer is slow. Raises ConnectionError."""

    def close(self) -> None:
        """Close after sending buffered bytes; further calls have no effect."""


class RawConnection(asyncio.Protocol):
    """A connection that was taken over. Satisfies Wire."""

    def __init__(
        self, transport: asyncio.Transport, state: ServerState, early: bytes
    ) -> None:
        self._transport = transport
        self._connections = cast(set[Any], state.connections)
        self._connections.add(self)
        self._loop = asyncio.get_running_loop()
        self._unread = bytearray(early)
        self._paused = False
        self._ended = False
        self._lost = False
        self._readable = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._timer: asyncio.TimerHandle | None = None

    # -- for handlers

    @property
    def is_lost(self) -> bool:
        """Whether the connection is closed."""
        return self._lost

    async def read(self) -> bytes:
        while not self._unread and not self._ended:
            self._readable.clear()
            await self._readable.wait()
        data = bytes(self._unread)
        self._unread.clear()
        self._resume_reading()
        return data

    async def write(self, data: bytes) -> None:
        if not self._lost and not self._transport.is_closing():
            self._transport.write(data)
            await self._writable.wait()
        if self._lost or self._transport.is_closing():
            raise ConnectionResetError("the client has disconnected")

    def close(self) -> None:
        if self._lost or self._transport.is_closing():
            return
        self._resume_reading()
        self._transport.close()
        self._set_timer(_CLOSE_SECONDS, self._transport.abort)

    # -- for the server

    def shutdown(self) -> None:
        """Close because the server stops."""
        self.close()
        self._set_timer(_ABORT_SECONDS, self._transport.abort)

    # -- for asyncio

    def data_received(self, data: bytes) -> None:
        self._unread += data
        self._readable.set()
        if len(self._unread) > _MAX_UNREAD and not self._paused:
            self._paused = True
            self._transport.pause_reading()
            self._set_timer(_HANGUP_CHECK_SECONDS, self._check_for_hangup)

    def eof_received(self) -> bool:
        self._end()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        self._connections.discard(self)
        self._stop_timer()
        self._end()
        # asyncio does not resume writing of a transport that was lost while paused.
        self._writable.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # -- inside

    def _end(self) -> None:
        self._ended = True
        self._readable.set()

    def _resume_reading(self) -> None:
        if not self._paused:
            return
        self._paused = False
        self._stop_timer()
        if not self._lost and not self._transport.is_closing():
            self._transport.resume_reading()

    def _check_for_hangup(self) -> None:
        """Abort if the peer has disconnected: asyncio detects it only when reading."""
        sock = self._transport.get_extra_info("socket")
        poll = select.poll()
        poll.register(sock.fileno(), select.POLLRDHUP)
        if poll.poll(0):
            self._transport.abort()
        else:
            self._set_timer(_HANGUP_CHECK_SECONDS, self._check_for_hangup)

    def _set_timer(self, seconds: float, call: Any) -> None:
        self._stop_timer()
        self._timer = self._loop.call_later(seconds, call)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class HijackableProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol, extended by connection takeover and deadlines."""

    _stopping = False

    def __init__(self, config: Config, *rest: Any, **named: Any) -> None:
        super().__init__(config, *rest, **named)
        max_head = config.h11_max_incomplete_event_size or _MAX_HEAD
        self.conn = StrictConnection(h11.SERVER, max_head)

    def connection_made(  # type: ignore[override]
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        _set_options(transport.get_extra_info("socket"))
        # The default is far larger, and applies to each client that does not read.
        transport.set_write_buffer_limits(high=_MAX_UNSENT)
        self._deadline = Deadline(self.loop, self._close_or_abort)
        self._deadline.expect(Part.HEAD)
        if len(self.connections) > MAX_CONNECTIONS:
            self.app = _too_many_connections
            if len(self.connections) > MAX_CONNECTIONS + _MAX_REFUSED:
                transport.abort()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._deadline.expect(self._part())

    def _part(self) -> Part:
        """The part that the client sends next."""
        match self.conn.their_state:
            case h11.IDLE:
                begun = self.cycle is None or bool(self.conn.trailing_data[0])
                return Part.HEAD if begun else Part.NEXT
            case h11.SEND_BODY:
                return Part.BODY
        return Part.ANSWER

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._deadline.end()
        # Break reference cycles, which would keep this object and its TLS buffers
        # until the next garbage collection.
        self.scope = None  # type: ignore[assignment]
        self.cycle = None  # type: ignore[assignment]

    def _should_upgrade(self) -> bool:
        # Called for each request after its scope and before its task is created.
        scope = cast(dict[str, Any], self.scope)
        scope.setdefault("extensions", {})[_EXTENSION] = self
        return False

    def take_over(self, headers: Headers) -> RawConnection:
        """Respond with 101 and hand the connection to the caller.

        Raises ConnectionResetError if the client has disconnected.
        """
        cycle = self.cycle
        if cycle is None or cycle.disconnected or self.transport.is_closing():
            raise ConnectionResetError("the client has disconnected")
        raw = [(name.encode(), value.encode()) for name, value in headers]
        answer = h11.InformationalResponse(
            status_code=101, headers=raw, reason=b"Switching Protocols"
        )
        head = self.conn.send(answer) or b""
        early, _ = self.conn.trailing_data
        # Discards everything that the handler still sends as an HTTP response.
        cycle.disconnected = True
        self.connections.discard(self)
        self._deadline.end()
        self.scope = None  # type: ignore[assignment]
        self.cycle = None  # type: ignore[assignment]
        taken = RawConnection(self.transport, self.server_state, early)
        self.transport.set_protocol(taken)
        self.flow.resume_reading()
        self.transport.write(head)
        return taken

    def shutdown(self) -> None:
        """Stop: let responses complete that have not started; close all others."""
        self._stopping = True
        cycle = self.cycle
        if cycle and not cycle.response_complete:
            if not cycle.response_started:
                cycle.keep_alive = False
                return
            cycle.disconnected = True
            cycle.message_event.set()
        self._close_or_abort()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._deadline.expect(self._part())
        if self._stopping:
            self._close_or_abort()

    def finish(self, data: bytes) -> None:
        """End the current response with `data` although the client does not read.

        Data that is not read within some seconds is dropped.
        """
        cycle = self.cycle
        if cycle is None or cycle.disconnected:
            return
        # Discards everything that the handler still sends as an HTTP response.
        cycle.disconnected = True
        if self.transport.is_closing():
            return
        for event in (h11.Data(data=data), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
        self.loop.call_later(_CLOSE_SECONDS, self.transport.abort)

    def _close_or_abort(self) -> None:
        # close() waits for the client's TLS close_notify, which may never come. After
        # a second close(), a TLS transport of Python 3.11 cannot be aborted.
        if not self.transport.is_closing():
            self.transport.close()
        self.loop.call_later(_ABORT_SECONDS, self.transport.abort)


def take_over(request: Request, headers: Headers) -> RawConnection:
    """Take over the connection of an upgrade request.

    Raises ConnectionError if the client has disconnected.
    """
    return _protocol(request).take_over(headers)


def finish(scope: Scope, data: bytes) -> None:
    """End a response with `data` although the client does not read."""
    protocol = scope.get("extensions", {}).get(_EXTENSION)
    if isinstance(protocol, HijackableProtocol):
        protocol.finish(data)


def abort(request: Request) -> None:
    """Abort the connection, so that the client sees an incomplete response."""
    _protocol(request).transport.abort()


def _protocol(request: Request) -> HijackableProtocol:
    protocol = request.scope.get("extensions", {}).get(_EXTENSION)
    if not isinstance(protocol, HijackableProtocol):
        raise RuntimeError(
            "connections can be taken over only in supervisor.api.serving.Server"
        )
    return protocol


async def _too_many_connections(scope: Scope, receive: Receive, send: Send) -> None:
    error = too_many_requests("the server has too many connections", _RETRY_SECONDS)
    headers = {"Retry-After": str(_RETRY_SECONDS), "Connection": "close"}
    await JSONResponse(error.status(), error.code, headers)(scope, receive, send)


def _set_options(sock: socket.socket | None) -> None:
    if sock is None or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    for option in _TCP_OPTIONS:
        sock.setsockopt(*option)
