"""Parse an HTTP/1 response incrementally: status, some headers, a short body.

Rules
- Sans-io: `feed` takes bytes, `eof` the end of the stream; `done` is set when no more
  bytes are needed.
- Only what a probe needs is parsed, since parsing is most of its cost. The body is
  truncated to `BODY_LIMIT` bytes, after which it counts as complete.
- An answer that is not HTTP raises `Malformed`, a stream that ends too early
  `CutShort`. Before `head` is set that is a failed probe, after it an unreadable body.

Follows RFC 9112 where Go's client does, and pkg/probe/http/http.go (body limit).
"""

import re
from collections.abc import Callable

from supervisor.probing.chunks import Chunks
from supervisor.probing.head import Head, Malformed, parse_head

__all__ = ["BODY_LIMIT", "CutShort", "Malformed", "Response"]

BODY_LIMIT = 10 * 1024
_HEAD_LIMIT = 10 * 1024 * 1024
"""Of all heads together, interim ones included."""
_HEAD_END = re.compile(rb"\n\r?\n")


class CutShort(Exception):
    """The stream ended before the end of the response."""


class Response:
    """The response to one GET."""

    def __init__(self) -> None:
        self.head: Head | None = None
        """None until it is complete."""
        self.body = b""
        self.done = False
        self.limit_of: Callable[[Head], int] = lambda head: BODY_LIMIT
        """How much of the body is wanted; `feed` raises what it raises."""
        self.is_passed_over = False
        """Whether it is a redirect that is followed, and so never the answer."""
        self._limit = BODY_LIMIT
        self._buffer = bytearray()
        #: Where the search for the end of the head continues.
        self._searched = 0
        self._heads = 0
        self._chunks: Chunks | None = None

    @property
    def status(self) -> int:
        """0 until the head is complete."""
        return self.head.status if self.head else 0

    def feed(self, data: bytes) -> None:
        self._buffer += data
        while self.head is None:
            if not self._read_head():
                return
        if not self.done:
            self._read_body()

    def eof(self) -> None:
        """The peer has closed the connection. Raises CutShort if that is too early."""
        if self.done:
            return
        if self.head is None or self._chunks or self.head.length:
            raise CutShort
        self._finish()

    # -- head

    def _read_head(self) -> bool:
        """Consume one head of the buffer; False if it is incomplete."""
        if not b"HTTP/".startswith(bytes(self._buffer[:5])):
            raise Malformed(self._first_line())
        end = _HEAD_END.search(self._buffer, self._searched)
        if self._heads + (end.end() if end else len(self._buffer)) > _HEAD_LIMIT:
            raise Malformed(f"server response headers exceeded {_HEAD_LIMIT} bytes")
        if end is None:
            self._searched = max(len(self._buffer) - 2, 0)
            return False
        head = parse_head(bytes(self._buffer[: end.start() + 1]))
        del self._buffer[: end.end()]
        self._heads += end.end()
        self._searched = 0
        if head.is_interim:
            return bool(self._buffer)
        self.head = head
        self._limit = self.limit_of(head)
        self._chunks = Chunks() if head.chunked else None
        if head.length == 0 or not self._limit:
            self._finish()
        return True

    def _first_line(self) -> str:
        return bytes(self._buffer[:64]).split(b"\n")[0].decode("latin-1").strip()

    # -- body

    def _read_body(self) -> None:
        assert self.head is not None
        data = bytes(self._buffer)
        self._buffer.clear()
        if self._chunks:
            self.body += self._chunks.feed(data, self._limit - len(self.body))
            is_whole = self._chunks.done
        else:
            self.body = (self.body + data)[: self.head.length]
            is_whole = len(self.body) == self.head.length
        if is_whole or len(self.body) >= self._limit:
            self._finish()

    def _finish(self) -> None:
        self.body = self.body[: self._limit]
        self._buffer.clear()
        self.done = True
