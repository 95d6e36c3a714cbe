"""Parse Docker's multiplexed stdout and stderr. Sans-io.

A frame is one byte for the stream, three zero bytes, the length in four bytes
(big-endian), and the data.
"""

import struct

_HEADER = struct.Struct(">BxxxL")
_STDERR = 2


class Demultiplexer:
    """Pieces of stdout (1) and stderr (2) as they arrive; with `tty` all is stdout."""

    def __init__(self, *, tty: bool) -> None:
        self._tty = tty
        self._stream = 1
        self._left = 0
        self._header = b""

    @property
    def is_inside(self) -> bool:
        """Whether a frame is incomplete, so that the stream cannot end here."""
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
                # 3 is an error message of the engine itself.
                self._stream = _STDERR if stream >= _STDERR else 1
                self._header = b""
        return pieces


class Frames:
    """Whole frames, as (1 for stdout or 2 for stderr, data).

    The engine sends each log message in one frame.
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
        """The data of an incomplete frame."""
        return [(1, self._rest[_HEADER.size :])] if self._rest else []
