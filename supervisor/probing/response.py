"""Read one HTTP/1 response as it comes in: the status, two headers, a short body.

Rules
- Sans-io: bytes go in by `feed`, the end of the stream by `eof`; `done` tells when no
  more bytes are needed.
- Only what a probe needs is parsed, since a probe's cost is mostly this. The body is
  kept up to `BODY_LIMIT` bytes; a longer one is cut there and counts as read.
- What is no HTTP raises `Malformed`; a stream that ends too early raises `CutShort`.

Follows RFC 9112 and pkg/probe/http/http.go (body limit).
"""

BODY_LIMIT = 10 * 1024
_HEAD_LIMIT = 256 * 1024


class Malformed(Exception):
    """The peer speaks something else than HTTP/1; the text shows what."""


class CutShort(Exception):
    """The stream ended before the response did."""


class Response:
    """The response to one GET."""

    def __init__(self) -> None:
        self.status = 0
        """0 until the head is complete."""
        self.location: str | None = None
        self.body = b""
        self.done = False
        self._buffer = bytearray()
        #: Bytes of the body still to come; None when the end of the stream tells.
        self._remaining: int | None = None
        self._chunked = False

    def feed(self, data: bytes) -> None:
        self._buffer += data
        while not self.status:
            if not self._read_head():
                return
        if not self.done:
            self._read_body()

    def eof(self) -> None:
        """The peer has closed. Raises CutShort when that is too early."""
        if self.done:
            return
        if not self.status or self._chunked or self._remaining:
            raise CutShort
        self._finish()

    # -- head

    def _read_head(self) -> bool:
        """Take one head off the buffer; False while it is incomplete."""
        if not b"HTTP/1.".startswith(bytes(self._buffer[:7])):
            raise Malformed(self._first_line())
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > _HEAD_LIMIT:
                raise Malformed("header too long")
            return False
        lines = bytes(self._buffer[:end]).split(b"\r\n")
        del self._buffer[: end + 4]
        status = self._status(lines[0])
        if 100 <= status < 200 and status != 101:
            return bool(self._buffer)  # an interim response: the real one follows
        self.status = status
        self._read_fields(lines[1:])
        return True

    def _status(self, line: bytes) -> int:
        words = line.split(b" ", 2)
        if len(words) < 2 or len(words[1]) != 3 or not words[1].isdigit():
            raise Malformed(line.decode("latin-1"))
        return int(words[1])

    def _read_fields(self, lines: list[bytes]) -> None:
        for line in lines:
            name, _, value = line.partition(b":")
            field = name.lower()
            if field == b"content-length":
                self._remaining = self._length(value)
            elif field == b"transfer-encoding":
                self._chunked = b"chunked" in value.lower()
            elif field == b"location" and self.location is None:
                self.location = value.strip().decode("latin-1")
        if self._chunked:
            self._remaining = None
        if self.status in (101, 204, 304) or self._remaining == 0:
            self._finish()

    def _length(self, value: bytes) -> int:
        text = value.strip()
        if not text.isdigit():
            raise Malformed(f"bad Content-Length {text.decode('latin-1')!r}")
        return int(text)

    def _first_line(self) -> str:
        return bytes(self._buffer[:64]).split(b"\n")[0].decode("latin-1").strip()

    # -- body

    def _read_body(self) -> None:
        if self._chunked:
            self._read_chunks()
            return
        self.body += bytes(self._buffer)
        self._buffer.clear()
        enough = self._remaining is not None and len(self.body) >= self._remaining
        if enough or len(self.body) >= BODY_LIMIT:
            self.body = self.body[: self._remaining]
            self._finish()

    def _read_chunks(self) -> None:
        while len(self.body) < BODY_LIMIT:
            end = self._buffer.find(b"\r\n")
            if end < 0:
                if len(self._buffer) > BODY_LIMIT:
                    raise Malformed("invalid chunk length")
                return
            size = self._chunk_size(bytes(self._buffer[:end]))
            if size == 0:
                break
            data = self._buffer[end + 2 :]
            wanted = BODY_LIMIT - len(self.body)
            if len(data) < min(size + 2, wanted):
                return
            self.body += bytes(data[:size])
            del self._buffer[: end + 2 + size + 2]
        self._finish()

    def _chunk_size(self, line: bytes) -> int:
        try:
            return int(line.split(b";")[0].strip(), 16)
        except ValueError:
            raise Malformed("invalid byte in chunk length") from None

    def _finish(self) -> None:
        self.body = self.body[:BODY_LIMIT]
        self._buffer.clear()
        self.done = True
