"""Docker's way of sending stdout and stderr over one connection, without the sending.

A frame is one byte for the stream, three of zero, four for the length, and the bytes.
"""

import struct

_HEADER = struct.Struct(">BxxxL")
_STDERR = 2


class Demultiplexer:
    """Bytes in, pieces of stdout (1) and stderr (2) out; `tty` has stdout only."""

    def __init__(self, *, tty: bool) -> None:
        self._tty = tty
        self._stream = 1
        self._left = 0
        self._header = b""

    @property
    def is_inside(self) -> bool:
        """Whether more bytes of a frame are to come: the stream cannot end here."""
        return bool(self._left or self._header)

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        if self._tty:
            return [(1, data)] if data else []
        pieces = []
        while data:
            if self._left:
                piece, data = data[: self._left], data[self._left :]
                self._left -= len(piece)
                pieces.append((self._stream, piece))
                continue
            missing = _HEADER.size - len(self._header)
            self._header, data = self._header + data[:missing], data[missing:]
            if len(self._header) == _HEADER.size:
                stream, self._left = _HEADER.unpack(self._header)
                # 3 is the engine's own complaint about the stream.
                self._stream = _STDERR if stream >= _STDERR else 1
                self._header = b""
        return pieces


class Frames:
    """Bytes in, whole frames out, as (1 for stdout or 2 for stderr, bytes).

    An engine writes one message of a log in one frame.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        self._rest += data
        found, at = [], 0
        while len(self._rest) - at >= _HEADER.size:
            stream, length = _HEADER.unpack_from(self._rest, at)
            end = at + _HEADER.size + length
            if len(self._rest) < end:
                break
            piece = self._rest[at + _HEADER.size : end]
            found.append((_STDERR if stream >= _STDERR else 1, piece))
            at = end
        self._rest = self._rest[at:]
        return found

    def end(self) -> list[tuple[int, bytes]]:
        """A frame of which the end has not come."""
        return [(1, self._rest[_HEADER.size :])] if self._rest else []
