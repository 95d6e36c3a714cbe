"""Run a command in a container over a WebSocket with Kubernetes' channel protocol.

Rules
- The first byte of a message is its channel: 0 stdin, 1 stdout, 2 stderr, 3 the final
  Status, 4 the terminal size, 255 (v5 only) the end of another channel.
- If the server rejects the upgrade, its Status is raised as ApiError before anything is
  streamed.
- One thread may read while another writes; neither blocks the other.

Follows client-go/tools/remotecommand/websocket.go.
"""

import contextlib
import threading
from collections import deque
from urllib.parse import urlencode, urlsplit

import msgspec
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from supervisor.client.connection import Connection, Query
from supervisor.client.duplex_socket import DuplexSocket
from supervisor.client.unreachable import Unreachable
from supervisor.model.errors import ApiError, internal

_PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"]
_STDIN, _STDOUT, _STDERR, _STATUS, _RESIZE, _END = 0, 1, 2, 3, 4, 255
_MAX_CHUNK_BYTES = 32 * 1024
_HANDSHAKE_SECONDS = 30.0


class RemoteExec:
    """Implements model.streams.ExecSession."""

    def __init__(self, connection: Connection, path: str, query: Query) -> None:
        self._socket = DuplexSocket(connection)
        self._host = connection.host
        self._ws = WSConnection(ConnectionType.CLIENT)
        #: Guards `_ws`; never held during I/O.
        self._state = threading.Lock()
        #: Held by the thread that sends.
        self._sending = threading.Lock()
        #: Replies from the reader's thread; sent by the next thread that sends.
        self._replies: deque[Event] = deque()
        self._received: deque[Event] = deque()
        self._partial = bytearray()
        self._status: dict[str, object] | None = None
        self._closed = False
        try:
            self.protocol = self._shake_hands(connection, path, query)
        except BaseException:
            self._socket.close()
            raise

    def read(self) -> tuple[int, bytes] | None:
        while (message := self._message()) is not None:
            channel, data = message[0], message[1:]
            if channel in (_STDOUT, _STDERR) and data:
                return channel, data
            if channel == _STATUS:
                self._status = msgspec.json.decode(data, type=dict[str, object])
        return None

    def write(self, data: bytes) -> None:
        for start in range(0, len(data), _MAX_CHUNK_BYTES):
            self._post(_STDIN, data[start : start + _MAX_CHUNK_BYTES])

    def close_stdin(self) -> None:
        """Close the command's stdin. Not possible with protocol v4."""
        if self.protocol == _PROTOCOLS[0]:
            self._post(_END, bytes([_STDIN]))

    def resize(self, width: int, height: int) -> None:
        self._post(_RESIZE, msgspec.json.encode({"Width": width, "Height": height}))

    def exit_code(self) -> int:
        """The command's exit code. Raises ApiError if it could not be run."""
        status = self._status
        if status is None:
            raise Unreachable(self._host, "the connection was lost before the end")
        if status.get("status") == "Success":
            return 0
        if status.get("reason") == "NonZeroExitCode":
            details = status.get("details")
            causes = details.get("causes", []) if isinstance(details, dict) else []
            for cause in causes:
                if cause.get("reason") == "ExitCode":
                    return int(cause["message"])
        raise ApiError.from_status(dict(status), 500)

    def close(self) -> None:
        self._closed = True
        self._socket.close()

    def _shake_hands(self, connection: Connection, path: str, query: Query) -> str:
        headers = {k: v for k, v in connection.headers.items() if k != "Host"}
        prefix = urlsplit(connection.server).path
        request = Request(
            host=connection.host,
            target=f"{prefix}{path}?{urlencode(list(query))}",
            extra_headers=[(k.encode(), v.encode()) for k, v in headers.items()],
            subprotocols=_PROTOCOLS,
        )
        self._transmit(request)
        answer, body, code = self._next(_HANDSHAKE_SECONDS), b"", 0
        while isinstance(answer, RejectConnection | RejectData):
            if isinstance(answer, RejectConnection):
                code = answer.status_code
                finished = not answer.has_body
            else:
                body += bytes(answer.data)
                finished = answer.body_finished
            if finished:
                raise _refusal(code, body)
            answer = self._next(_HANDSHAKE_SECONDS)
        if not isinstance(answer, AcceptConnection):
            raise Unreachable(self._host, "the connection was lost in the handshake")
        if answer.subprotocol not in _PROTOCOLS:
            raise internal(f"the server supports none of {', '.join(_PROTOCOLS)}")
        return answer.subprotocol

    def _message(self) -> bytes | None:
        """The next complete message; None if the server has closed the connection."""
        while (event := self._next()) is not None:
            match event:
                case BytesMessage():
                    self._partial += event.data
                    if event.message_finished and self._partial:
                        message = bytes(self._partial)
                        self._partial.clear()
                        return message
                case TextMessage():
                    raise internal("unexpected text message")
                case Ping():
                    self._reply(event.response())
                case CloseConnection():
                    self._reply(event.response())
                    return None
        return None

    def _next(self, timeout: float | None = None) -> Event | None:
        """The next event of the connection; None at its end."""
        while not self._received:
            try:
                data = self._socket.receive(timeout)
            except Unreachable:
                if not self._closed:
                    raise
                return None
            if not data:
                return None
            with self._state:
                try:
                    self._ws.receive_data(data)
                except RemoteProtocolError as error:
                    raise Unreachable(self._host, str(error)) from error
                self._received.extend(self._ws.events())
        return self._received.popleft()

    def _post(self, channel: int, data: bytes) -> None:
        self._transmit(BytesMessage(bytes([channel]) + data))

    def _transmit(self, event: Event) -> None:
        with self._sending:
            self._send(event)
            self._send_replies()

    def _reply(self, event: Event) -> None:
        """Reply from the reader's thread, which must not wait for a writer."""
        self._replies.append(event)
        if self._sending.acquire(blocking=False):
            try:
                with contextlib.suppress(Unreachable):
                    self._send_replies()
            finally:
                self._sending.release()

    def _send_replies(self) -> None:
        while self._replies:
            self._send(self._replies.popleft())

    def _send(self, event: Event) -> None:
        try:
            with self._state:
                data = self._ws.send(event)
        except LocalProtocolError as error:
            raise Unreachable(self._host, "the connection is closed") from error
        self._socket.send(data)


def _refusal(code: int, body: bytes) -> ApiError:
    try:
        return ApiError.from_status(msgspec.json.decode(body, type=dict), code)
    except msgspec.DecodeError:
        text = body.decode(errors="replace").strip()
        return ApiError(code, "Unknown", text or f"the server answered {code}")
