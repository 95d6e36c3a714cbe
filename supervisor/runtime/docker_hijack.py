"""A connection that the engine has given over to a process: bytes both ways.

Rules
- One thread may read while another writes, and a third may close.
- The answer's head is read here to its last byte and no further: an HTTP library would
  keep the first bytes of the process's output in a buffer of its own.
- The socket never blocks; waiting is poll's, so every read can have a deadline, and TLS
  is touched by one thread at a time.
"""

import json
import select
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from supervisor.runtime.base import EngineUnavailable
from supervisor.runtime.docker_engine import Engine, hang_up, refused
from supervisor.runtime.docker_errors import away, translated

_SWITCHING = 101
_LONGEST_HEAD = 64 << 10
_PIECE = 32 << 10
Done = TypeVar("Done")
_WAIT = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class OutOfTime(Exception):
    """Nothing came until the deadline."""


class Hijacked:
    def __init__(self, sock: socket.socket, early: bytes) -> None:
        self._sock = sock
        self._early = early
        self._lock = threading.Lock()
        self.closed = False
        sock.setblocking(False)

    def read(self, timeout: float | None = None) -> bytes:
        """The next bytes; empty at the end. Raises OutOfTime."""
        if self._early:
            early, self._early = self._early, b""
            return early
        while not self.closed:
            data = self._unless_it_blocks(partial(self._sock.recv, _PIECE))
            if data is not None:
                return data
            if not self._poll(select.POLLIN, timeout):
                raise OutOfTime
        return b""

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view and not self.closed:
            sent = self._unless_it_blocks(partial(self._sock.send, view))
            if sent is None:
                self._poll(select.POLLOUT, None)
            else:
                view = view[sent:]

    def _unless_it_blocks(self, act: Callable[[], Done]) -> Done | None:
        try:
            with self._lock:
                return act()
        except _WAIT:
            return None
        except OSError as error:
            if self.closed:
                return None
            raise away(error) from error

    def close_write(self) -> None:
        """Tell the process that no more input comes; its output goes on."""
        try:
            with self._lock:
                if isinstance(self._sock, ssl.SSLSocket):
                    self._sock.unwrap()
                else:
                    self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            return  # TLS: told, not waited for. Otherwise: the process was first.

    def close(self) -> None:
        self.closed = True
        hang_up(self._sock)

    def _poll(self, what: int, timeout: float | None) -> bool:
        poll = select.poll()
        poll.register(self._sock, what)
        milliseconds = None if timeout is None else max(0, int(timeout * 1000) + 1)
        return bool(poll.poll(milliseconds))

    def release(self) -> None:
        """Free the socket; nobody may be reading it."""
        self._sock.close()


def hijack(
    engine: Engine, path: str, query: Mapping[str, Any], body: Any = None
) -> Hijacked:
    """POST and take over the connection. Raises what the engine answers instead."""
    content = json.dumps(body).encode() if body is not None else b""
    head = (
        f"POST {engine.url(path, query)} HTTP/1.1\r\n"
        "Host: localhost\r\n"
        "Connection: Upgrade\r\n"
        "Upgrade: tcp\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    sock = engine.dial()
    try:
        with translated():
            sock.sendall(head.encode() + content)
            status, length, rest = _read_head(sock)
            if status >= 400:
                while len(rest) < length and (more := sock.recv(_PIECE)):
                    rest += more
                raise refused(status, rest)
            if status != _SWITCHING:
                raise refused(status, b"the Docker engine does not give a stream")
    except BaseException:
        sock.close()
        raise
    return Hijacked(sock, rest)


def _read_head(sock: socket.socket) -> tuple[int, int, bytes]:
    """The status, the length of the body, and what came behind the head."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(_PIECE)
        if not more or len(data) > _LONGEST_HEAD:
            raise EngineUnavailable("the Docker engine ended a call without an answer")
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split()
    if len(words) < 2 or not words[1].isdigit():
        raise EngineUnavailable("the Docker engine's answer makes no sense")
    fields = {
        k.strip().lower(): v.strip() for k, _, v in (s.partition(":") for s in lines)
    }
    return int(words[1]), int(fields.get("content-length") or 0), rest
