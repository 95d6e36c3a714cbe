"""A hijacked connection: after an upgrade it carries a process's input and output.

Rules
- One thread may read while another writes, and a third may close.
- The response head is parsed here and not a byte more is consumed: an HTTP library
  would buffer the first bytes of the process's output.
- The socket is non-blocking and waited for with poll, so that every read can have a
  deadline and the connection (duplex.py) is used by one thread at a time.
"""

import json
import select
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from supervisor.runtime.base import EngineUnavailable
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.duplex import Duplex
from supervisor.runtime.docker.connection.errors import away, translated
from supervisor.runtime.docker.connection.response import hang_up, refused
from supervisor.runtime.docker.connection.shared import Shared

_SWITCHING = 101
_MAX_HEAD_BYTES = 64 << 10
Done = TypeVar("Done")


class OutOfTime(TimeoutError):
    """Nothing was received or sent until the deadline."""


class CutOff(EngineUnavailable):
    """The connection was reset.

    That happens also when the engine closes it before it has read all that we sent.
    """


class Hijacked:
    def __init__(self, duplex: Duplex) -> None:
        self._duplex = duplex
        self._unread = b""
        self._lock = threading.Lock()
        sock = duplex.sock
        self._shared = Shared(lambda: hang_up(sock), sock.close)

    @property
    def closed(self) -> bool:
        return self._shared.closed

    def read(self, timeout: float | None = None) -> bytes:
        """The next bytes; empty at the end. Raises OutOfTime."""
        if self._unread:
            data, self._unread = self._unread, b""
            return data
        return self._when(select.POLLIN, self._duplex.receive, timeout) or b""

    def unread(self, data: bytes) -> None:
        """Put back `data`, which the next `read` returns."""
        self._unread = data

    def write(self, data: bytes, timeout: float | None = None) -> None:
        """Send all of `data`. Raises OutOfTime after `timeout` without progress."""
        view = memoryview(data)
        while view and not self.closed:
            send = partial(self._duplex.send, view)
            view = view[self._when(select.POLLOUT, send, timeout) or 0 :]
        self._when(select.POLLOUT, self._duplex.flush, timeout)

    def close_write(self) -> None:
        """Close the process's input; its output goes on."""
        with self._shared.use() as is_open:
            if not is_open:
                return
            try:
                with self._lock:
                    self._duplex.end()
            except OSError:
                return  # closed by the engine
        self._when(select.POLLOUT, self._duplex.flush, None)

    def _when(
        self, ready: int, act: Callable[[], Done], timeout: float | None
    ) -> Done | None:
        """Call `act` until it does not block; None when closed."""
        with self._shared.use() as is_open:
            while is_open:
                try:
                    with self._lock:
                        return act()
                except BlockingIOError:
                    if not self._poll(ready, timeout):
                        raise OutOfTime from None
                    is_open = not self.closed
                except OSError as error:
                    if self.closed:
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
        """End the stream, also for a thread that is reading or writing."""
        self._shared.close()


def hijack(
    client: EngineClient, path: str, query: Mapping[str, Any], body: Any = None
) -> Hijacked:
    """POST and take over the connection. Raises RuntimeFailure if it is refused."""
    content = json.dumps(body).encode() if body is not None else b""
    head = (
        f"POST {client.url(path, query)} HTTP/1.1\r\n"
        "Host: localhost\r\n"
        "Connection: Upgrade\r\n"
        "Upgrade: tcp\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    stream = Hijacked(client.dial_duplex())
    try:
        with translated():
            stream.write(head.encode() + content, client.timeout)
            status, length, rest = _read_head(stream, client.timeout)
            if status >= 400:
                while len(rest) < length and (more := stream.read(client.timeout)):
                    rest += more
                raise refused(status, rest)
            if status != _SWITCHING:
                raise refused(status, b"the Docker engine does not switch to a stream")
    except BaseException:
        stream.close()
        raise
    stream.unread(rest)
    return stream


def _read_head(stream: Hijacked, timeout: float) -> tuple[int, int, bytes]:
    """Status, content length, and the bytes received after the head."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = stream.read(timeout)
        if not more or len(data) > _MAX_HEAD_BYTES:
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
