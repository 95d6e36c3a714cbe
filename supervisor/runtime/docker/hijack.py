"""A connection that the engine has given over to a process: bytes both ways.

Rules
- One thread may read while another writes, and a third may close.
- The answer's head is read here to its last byte and no further: an HTTP library would
  keep the first bytes of the process's output in a buffer of its own.
- The connection never blocks; waiting is poll's, so every read can have a deadline, and
  the connection (runtime/duplex.py) is touched by one thread at a time.
"""

import json
import select
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from supervisor.runtime.base import EngineUnavailable
from supervisor.runtime.docker.engine import Engine, hang_up, refused
from supervisor.runtime.docker.errors import away, translated
from supervisor.runtime.duplex import Duplex

_SWITCHING = 101
_LONGEST_HEAD = 64 << 10
Done = TypeVar("Done")


class OutOfTime(TimeoutError):
    """Nothing came, or went, until the deadline."""


class CutOff(EngineUnavailable):
    """The connection was reset.

    That is also what an engine's kernel does when the engine closes a connection before
    it has read all that we sent.
    """


class Hijacked:
    def __init__(self, duplex: Duplex) -> None:
        self._duplex = duplex
        self._unread = b""
        self._lock = threading.Lock()
        self._closed = threading.Event()

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    def read(self, timeout: float | None = None) -> bytes:
        """The next bytes; empty at the end. Raises OutOfTime."""
        if self._unread:
            data, self._unread = self._unread, b""
            return data
        return self._when(select.POLLIN, self._duplex.receive, timeout) or b""

    def unread(self, data: bytes) -> None:
        """Have the next `read` answer `data`, which was read too early."""
        self._unread = data

    def write(self, data: bytes, timeout: float | None = None) -> None:
        """Send all of `data`. Raises OutOfTime after `timeout` without progress."""
        view = memoryview(data)
        while view and not self.closed:
            send = partial(self._duplex.send, view)
            view = view[self._when(select.POLLOUT, send, timeout) or 0 :]
        self._when(select.POLLOUT, self._duplex.flush, timeout)

    def close_write(self) -> None:
        """Tell the process that no more input comes; its output goes on."""
        try:
            with self._lock:
                self._duplex.end()
        except OSError:
            return  # the process was first
        self._when(select.POLLOUT, self._duplex.flush, None)

    def _when(
        self, ready: int, act: Callable[[], Done], timeout: float | None
    ) -> Done | None:
        """What `act` answers, as soon as it does not block; None when closed."""
        while not self._closed.is_set():
            try:
                with self._lock:
                    return act()
            except BlockingIOError:
                if not self._poll(ready, timeout):
                    raise OutOfTime from None
            except OSError as error:
                if self._closed.is_set():
                    return None
                if isinstance(error, ConnectionResetError | BrokenPipeError):
                    raise CutOff(str(away(error))) from error
                raise away(error) from error
        return None

    def _poll(self, what: int, timeout: float | None) -> bool:
        poll = select.poll()
        poll.register(self._duplex.sock, what)
        milliseconds = None if timeout is None else max(0, int(timeout * 1000) + 1)
        return bool(poll.poll(milliseconds))

    def close(self) -> None:
        self._closed.set()
        hang_up(self._duplex.sock)

    def release(self) -> None:
        """Free the socket; nobody may be reading it."""
        self._duplex.sock.close()


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
    stream = Hijacked(engine.dial_duplex())
    try:
        with translated():
            stream.write(head.encode() + content, engine.timeout)
            status, length, rest = _read_head(stream, engine.timeout)
            if status >= 400:
                while len(rest) < length and (more := stream.read(engine.timeout)):
                    rest += more
                raise refused(status, rest)
            if status != _SWITCHING:
                raise refused(status, b"the Docker engine does not give a stream")
    except BaseException:
        stream.release()
        raise
    stream.unread(rest)
    return stream


def _read_head(stream: Hijacked, timeout: float) -> tuple[int, int, bytes]:
    """The status, the length of the body, and what came behind the head."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = stream.read(timeout)
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
