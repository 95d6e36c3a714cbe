"""OpenSSH's multiplexing protocol: ask a running `ssh` for another connection.

Rules
- A request and its file descriptors are sent at once, without waiting for the hello
  message of ssh; the answers are read afterwards. So a connection costs one round trip
  over a Unix socket and one over the network.
- The control connection belongs to the stream: ssh closes one with the other.

Follows PROTOCOL.mux of OpenSSH (version 4 of the protocol, since OpenSSH 5.x).
"""

import asyncio
import socket
import struct

_HELLO, _OPEN_FORWARD, _OPEN_STREAM = 0x00000001, 0x10000006, 0x10000008
_OK, _DENIED, _FAILURE = 0x80000001, 0x80000002, 0x80000003
_OPENED = 0x80000006
_VERSION = 4
_LOCAL = 1
_UNIX_SOCKET = 0xFFFFFFFE
"""Used as a port: the host is the path of a Unix socket."""
_PIECE = 4096
_MAX_MESSAGE_BYTES = 64 << 10


class MuxFailed(Exception):
    """ssh refused the request; the text is its own."""


class MuxGone(MuxFailed):
    """ssh has ended, or its answer is invalid."""


class Answer:
    """Parses the answer of ssh as it arrives: its hello, then the outcome."""

    def __init__(self) -> None:
        self._buffer = b""
        self._hello_seen = False
        self.done = False

    def feed(self, data: bytes) -> None:
        """Take received data, empty at the end of the stream. Raises MuxFailed."""
        if not data:
            raise MuxGone("ssh has ended")
        self._buffer += data
        while not self.done and (message := self._next()) is not None:
            self._take(message)

    def _next(self) -> bytes | None:
        if len(self._buffer) < 4:
            return None
        (length,) = struct.unpack_from(">I", self._buffer)
        if not 4 <= length <= _MAX_MESSAGE_BYTES:
            raise MuxGone("ssh's answer is invalid")
        if len(self._buffer) < 4 + length:
            return None
        message, self._buffer = self._buffer[4 : 4 + length], self._buffer[4 + length :]
        return message

    def _take(self, message: bytes) -> None:
        (kind,) = struct.unpack_from(">I", message)
        if kind == _HELLO and not self._hello_seen:
            self._hello_seen = True
        elif kind in (_OK, _OPENED):
            self.done = True
        elif kind in (_FAILURE, _DENIED):
            raise MuxFailed(message[12:].decode(errors="replace"))
        else:
            raise MuxGone("ssh's answer is invalid")


def forward_request(listen: str, connect: str) -> bytes:
    """Forward a local Unix socket to a remote one."""
    body = _uint(0) + _uint(_LOCAL) + _text(listen) + _uint(_UNIX_SOCKET)
    return _hello() + _message(
        _OPEN_FORWARD, body + _text(connect) + _uint(_UNIX_SOCKET)
    )


def stream_request(host: str, port: int) -> bytes:
    """Connect two file descriptors, sent afterwards, to a remote TCP port."""
    body = _uint(0) + _text("") + _text(host) + _uint(port)
    return _hello() + _message(_OPEN_STREAM, body)


def _hello() -> bytes:
    return _message(_HELLO, _uint(_VERSION))


def _message(kind: int, body: bytes) -> bytes:
    return _uint(4 + len(body)) + _uint(kind) + body


def _uint(number: int) -> bytes:
    return struct.pack(">I", number)


def _text(text: str) -> bytes:
    data = text.encode()
    return _uint(len(data)) + data


class Stream(socket.socket):
    """A connection through ssh, together with its control connection."""

    control: socket.socket

    def close(self) -> None:
        super().close()
        self.control.close()


def forward(control_path: str, listen: str, connect: str, timeout: float) -> None:
    """Have ssh forward a Unix socket until it ends. Raises MuxFailed."""
    with _control(control_path) as control:
        control.settimeout(timeout)
        try:
            control.sendall(forward_request(listen, connect))
            _wait(control)
        except OSError as error:
            raise MuxGone(_text_of(error)) from error


def open_stream(control_path: str, host: str, port: int, timeout: float) -> Stream:
    """Connect to a TCP port. Raises MuxFailed and TimeoutError."""
    stream = _begin(control_path, host, port)
    try:
        stream.control.settimeout(timeout)
        _wait(stream.control)
    except BaseException:
        stream.close()
        raise
    stream.settimeout(timeout)
    return stream


async def open_stream_async(control_path: str, host: str, port: int) -> Stream:
    """The same for asyncio; cancellation closes the connection."""
    loop = asyncio.get_running_loop()
    stream = _begin(control_path, host, port)
    try:
        answer = Answer()
        while not answer.done:
            answer.feed(await loop.sock_recv(stream.control, _PIECE))
    except ConnectionError as error:
        stream.close()
        raise MuxGone("ssh has ended") from error
    except BaseException:
        stream.close()
        raise
    stream.setblocking(False)
    return stream


def _begin(control_path: str, host: str, port: int) -> Stream:
    """Request a connection, without reading the answer."""
    control = _control(control_path)
    ours, theirs = socket.socketpair()
    stream = Stream(fileno=ours.detach())
    stream.control = control
    try:
        control.sendall(stream_request(host, port))
        # One for each direction.
        for _ in range(2):
            socket.send_fds(control, [b"\0"], [theirs.fileno()])
    except OSError as error:
        stream.close()
        raise MuxGone(_text_of(error)) from error
    finally:
        theirs.close()
    return stream


def _control(path: str) -> socket.socket:
    control = socket.socket(socket.AF_UNIX)
    # An ssh that accepts no connections must not block us.
    control.setblocking(False)
    try:
        control.connect(path)
    except OSError as error:
        control.close()
        raise MuxGone(_text_of(error)) from error
    return control


def _wait(control: socket.socket) -> None:
    answer = Answer()
    while not answer.done:
        try:
            answer.feed(control.recv(_PIECE))
        except ConnectionError as error:
            raise MuxGone("ssh has ended") from error


def _text_of(error: OSError) -> str:
    return f"ssh does not take requests: {error.strerror or error}"
