"""Lines of a log, put together from the pieces in which Docker keeps them. Pure.

Rules
- Docker cuts a line after every 16 KiB, and gives each piece a timestamp of its own. A
  piece of that length without a newline is continued by the next one of its stream.
- The first piece's timestamp is the line's; the others' are taken out.
- What the other stream writes in between waits for the line's end, up to 1 MiB.

Follows daemon/logger/copier.go of moby.
"""

from dataclasses import dataclass, field

PIECE_BYTES = 16 * 1024
_MAX_HELD_BYTES = 1 << 20


def goes_on(text: bytes) -> bool:
    """Whether a piece, given without its timestamp, is continued by another."""
    return len(text) >= PIECE_BYTES and not text.endswith(b"\n")


def without_timestamp(piece: bytes) -> bytes:
    return piece.partition(b" ")[2]


@dataclass
class LineJoiner:
    """Pieces of both streams in, text to be shown out."""

    timestamps: bool
    """Whether each piece begins with a timestamp and a space."""
    #: The stream of the line that is not at its end.
    _open: int | None = None
    _held: list[tuple[int, bytes]] = field(default_factory=list)
    _held_bytes: int = 0

    def feed(self, stream: int, piece: bytes) -> bytes:
        if self._open not in (None, stream):
            self._held.append((stream, piece))
            self._held_bytes += len(piece)
            if self._held_bytes <= _MAX_HELD_BYTES:
                return b""
            # Somebody else says so much meanwhile that the line is broken here.
            self._open = None
            return b"\n" + self._released()
        text = without_timestamp(piece) if self.timestamps else piece
        shown = piece if self._open is None else text
        self._open = stream if goes_on(text) else None
        return shown if self._open is not None else shown + self._released()

    def end(self) -> bytes:
        """What waited for a line that never ended."""
        self._open = None
        return self._released()

    def _released(self) -> bytes:
        held, self._held, self._held_bytes = self._held, [], 0
        return b"".join(self.feed(stream, piece) for stream, piece in held)


class TerminalPieces:
    """The pieces of a terminal's log, whose bytes come without frames."""

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
        """A last line without its end."""
        return [(1, self._rest)] if self._rest else []

    def _end_of_piece(self, at: int) -> int:
        """Where the piece that begins there ends; `at` while that has not come."""
        begin = self._rest.find(b" ", at) + 1
        if not begin:
            return at
        end = self._rest.find(b"\n", begin, begin + PIECE_BYTES) + 1
        full = begin + PIECE_BYTES
        return end or (full if len(self._rest) >= full else at)


@dataclass(frozen=True)
class Beginning:
    """Where the last lines of a log begin."""

    pieces: int
    """How many pieces they are."""
    timestamp: bytes
    """Of the first of them."""


@dataclass
class TailFinder:
    """Finds the last `lines` lines in the last pieces of a log."""

    lines: int
    _starts: list[tuple[int, bytes]] = field(default_factory=list)
    _pieces: int = 0
    _open: set[int] = field(default_factory=set)

    def feed(self, stream: int, piece: bytes) -> None:
        """The next piece, with its timestamp."""
        timestamp, _, text = piece.partition(b" ")
        if stream not in self._open:
            self._starts.append((self._pieces, timestamp))
        self._open.discard(stream)
        if goes_on(text):
            self._open.add(stream)
        self._pieces += 1

    def found(self, *, asked: int) -> Beginning | None:
        """None when more pieces have to be looked at than the `asked` last ones."""
        is_all = self._pieces < asked
        # What the first piece of a part continues, if anything, was not seen.
        sure = self._starts if is_all else self._starts[1:]
        if len(sure) < self.lines and not is_all:
            return None
        wanted = sure[-self.lines :]
        if not wanted:
            return Beginning(0, b"")
        number, timestamp = wanted[0]
        return Beginning(self._pieces - number, timestamp)
