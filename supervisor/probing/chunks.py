"""Decode a chunked body incrementally.

Rules
- Sizes are up to 16 hexadecimal digits on lines that end with CRLF; anything after a
  semicolon is ignored. Every chunk ends with CRLF.
- The body ends after its trailer: an empty line, or header fields and an empty line,
  4 KiB at most.
- More than 16 KiB of sizes and extensions beyond what the data justifies is an error.

Sans-io. Follows net/http/internal/chunked.go and net/http/transfer.go of Go 1.24.
"""

import re

from supervisor.probing.head import Malformed, read_fields

_MAX_LINE = 4096
_MAX_EXCESS = 16 * 1024
_SIZE = re.compile(rb"[0-9a-fA-F]{1,16}")


class Chunks:
    """`feed` returns decoded data; `done` is set when the trailer has been read."""

    def __init__(self) -> None:
        self.done = False
        self._buffer = bytearray()
        #: Bytes of the current chunk that are still missing.
        self._left = 0
        #: Whether the current chunk lacks only its CRLF.
        self._at_end = False
        self._in_trailer = False
        self._excess = 0

    def feed(self, data: bytes, most: int) -> bytes:
        """Return at least `most` bytes if there are as many; stop checking after that.

        Raises Malformed at the first invalid byte; data before it is lost.
        """
        self._buffer += data
        found = bytearray()
        while not self.done and len(found) < most and self._step(found):
            continue
        return bytes(found)

    def _step(self, found: bytearray) -> bool:
        """Consume one part of the buffer; False if it is incomplete."""
        if self._in_trailer:
            return self._read_trailer()
        if self._left:
            piece = self._buffer[: self._left]
            del self._buffer[: self._left]
            self._left -= len(piece)
            self._at_end = not self._left
            found += piece
            return bool(piece)
        if self._at_end:
            return self._read_end()
        return self._read_size()

    def _read_end(self) -> bool:
        if len(self._buffer) < 2:
            return False
        if self._buffer[:2] != b"\r\n":
            raise Malformed("malformed chunked encoding")
        del self._buffer[:2]
        self._at_end = False
        return True

    def _read_size(self) -> bool:
        end = self._buffer.find(b"\n", 0, _MAX_LINE)
        if end < 0:
            if len(self._buffer) >= _MAX_LINE:
                raise Malformed("header line too long")
            return False
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        if line.find(b"\r") != len(line) - 2:
            raise Malformed("chunked line does not end with CRLF")
        size = line.rstrip(b" \t\r\n").partition(b";")[0]
        if not _SIZE.fullmatch(size):
            raise Malformed("invalid byte in chunk length")
        self._left = int(size, 16)
        self._in_trailer = not self._left
        self._excess = max(self._excess + len(line) - 16 - 2 * self._left, 0)
        if self._excess > _MAX_EXCESS:
            raise Malformed("chunked encoding contains too much non-data")
        return True

    def _read_trailer(self) -> bool:
        if self._buffer[:2] == b"\r\n":
            self.done = True
            return True
        end = self._buffer.find(b"\r\n\r\n", 0, _MAX_LINE)
        if end < 0:
            if len(self._buffer) >= _MAX_LINE:
                raise Malformed("suspiciously long trailer after chunked body")
            return False
        read_fields(bytes(self._buffer[: end + 2]))
        self.done = True
        return True
