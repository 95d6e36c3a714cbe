"""Join the pieces in which Docker stores the lines of a log. Pure.

Rules
- Docker splits a line every 16 KiB and gives each piece a timestamp. A piece of that
  length without a newline is continued by the next one of its stream.
- The first piece's timestamp is the line's; the others are removed.
- Output of the other stream waits for the end of the line, up to 1 MiB.

Follows daemon/logger/copier.go of moby.
"""

from dataclasses import dataclass, field

PIECE_BYTES = 16 * 1024
_MAX_HELD_BYTES = 1 << 20


def goes_on(text: bytes) -> bool:
    """Whether a piece, without its timestamp, is continued by another."""
    return len(text) >= PIECE_BYTES and not text.endswith(b"\n")


def without_timestamp(piece: bytes) -> bytes:
    return piece.partition(b" ")[2]


@dataclass
class LineJoiner:
    """Turns pieces of both streams into the text to show."""

    timestamps: bool
    """Whether each piece begins with a timestamp and a space."""
    #: The stream of the unfinished line.
    _open: int | None = None
    _held: list[tuple[int, bytes]] = field(default_factory=list)
    _held_bytes: int = 0

    def feed(self, stream: int, piece: bytes) -> bytes:
        if self._open not in (None, stream):
            self._held.append((stream, piece))
            self._held_bytes += len(piece)
            if self._held_bytes <= _MAX_HELD_BYTES:
                return b""
            # Too much output of the other stream: the line is broken here.
            self._open = None
            return b"\n" + self._released()
        text = without_timestamp(piece) if self.timestamps else piece
        shown = piece if self._open is None else text
        self._open = stream if goes_on(text) else None
        return shown if self._open is not None else shown + self._released()

    def end(self) -> bytes:
        """What waited for the end of an unfinished line."""
        self._open = None
        return self._released()

    def _released(self) -> bytes:
        held, self._held, self._held_bytes = self._held, [], 0
        return b"".join(self.feed(stream, piece) for stream, piece in held)


class TerminalPieces:
    """Splits the log of a terminal, which has no frames, into pieces."""

    def __init__(self, *, timestamps: bool) -> None:
        self._timestamps = timestamps
        self._rest = b""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        if not self._timestamps:
            return [(1, data)] if data else []
        self._rest += data
        found, at = [], 0
        while (end := self._end_of_piece(at)) > at:
            found.append((1, self._rest[at:end]))
            at = end
        self._rest = self._rest[at:]
        return found

    def end(self) -> list[tuple[int, bytes]]:
        """The last, unfinished line."""
        return [(1, self._rest)] if self._rest else []

    def _end_of_piece(self, at: int) -> int:
        """The end of the piece that begins at `at`; `at` while it is incomplete."""
        begin = self._rest.find(b" ", at) + 1
        if not begin:
            return at
        end = self._rest.find(b"\n", begin, begin + PIECE_BYTES) + 1
        full = begin + PIECE_BYTES
        return end or (full if len(self._rest) >= full else at)


@dataclass(frozen=True)
class Beginning:
    """The beginning of the last lines of a log."""

    pieces: int
    """The number of pieces from there on."""
    timestamp: bytes
    """Of the first piece."""


@dataclass
class TailFinder:
    """Finds the last `lines` lines in the last pieces of a log."""

    lines: int
    _starts: list[tuple[int, bytes]] = field(default_factory=list)
    _pieces: int = 0
    _open: set[int] = field(default_factory=set)

    def feed(self, stream: int, piece: bytes) -> None:
        """Take the next piece, with its timestamp."""
        timestamp, _, text = piece.partition(b" ")
        if stream not in self._open:
            self._starts.append((self._pieces, timestamp))
        self._open.discard(stream)
        if goes_on(text):
            self._open.add(stream)
        self._pieces += 1

    def found(self, *, asked: int) -> Beginning | None:
        """None if the `asked` last pieces were too few."""
        is_all = self._pieces < asked
        # The first piece may continue one that was not read.
        sure = self._starts if is_all else self._starts[1:]
        if len(sure) < self.lines and not is_all:
            return None
        wanted = sure[-self.lines :]
        if not wanted:
            return Beginning(0, b"")
        number, timestamp = wanted[0]
        return Beginning(self._pieces - number, timestamp)
