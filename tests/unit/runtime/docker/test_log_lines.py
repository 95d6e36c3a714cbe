"""Lines that Docker keeps in pieces of 16 KiB are shown whole."""

import pytest

from supervisor.runtime.docker.streams.log_lines import (
    PIECE_BYTES,
    Beginning,
    LineJoiner,
    TailFinder,
    TerminalPieces,
)

FULL = b"a" * PIECE_BYTES
OUT, ERR = 1, 2


def at(second: int, text: bytes) -> bytes:
    return f"2026-01-02T03:04:{second:02}.000000000Z ".encode() + text


def joined(*pieces: tuple[int, bytes], timestamps: bool = True) -> bytes:
    joiner = LineJoiner(timestamps)
    return b"".join([joiner.feed(*piece) for piece in pieces]) + joiner.end()


def test_only_the_first_piece_of_a_line_has_a_timestamp() -> None:
    """Lines before and after it have their own."""
    shown = joined(
        (OUT, at(1, b"short\n")),
        (OUT, at(2, FULL)),
        (OUT, at(2, FULL)),
        (OUT, at(2, b"end\n")),
        (OUT, at(3, b"after\n")),
    )

    assert shown == (
        at(1, b"short\n") + at(2, FULL + FULL + b"end\n") + at(3, b"after\n")
    )


def test_a_line_of_exactly_one_piece_ends_with_an_empty_one() -> None:
    """Docker keeps its newline as a piece of its own."""
    shown = joined((OUT, at(1, FULL)), (OUT, at(1, b"\n")), (OUT, at(2, b"next\n")))

    assert shown == at(1, FULL + b"\n") + at(2, b"next\n")


@pytest.mark.parametrize("timestamps", [True, False])
def test_the_other_stream_waits_for_the_end_of_the_line(timestamps: bool) -> None:
    """Whether timestamps are shown or not."""

    def piece(second: int, text: bytes) -> bytes:
        return at(second, text) if timestamps else text

    shown = joined(
        (OUT, piece(1, FULL)),
        (ERR, piece(2, b"oops\n")),
        (OUT, piece(1, b"end\n")),
        timestamps=timestamps,
    )

    assert shown == piece(1, FULL + b"end\n") + piece(2, b"oops\n")


def test_a_line_that_never_ends_keeps_nobody_back() -> None:
    """At the end of the log, or after 1 MiB of the other stream."""
    line = (ERR, at(2, b"oops\n"))
    assert joined((OUT, at(1, FULL)), line) == at(1, FULL) + at(2, b"oops\n")

    joiner = LineJoiner(timestamps=True)
    joiner.feed(OUT, at(1, FULL))
    shown = b"".join(joiner.feed(*line) for _ in range(40_000))
    assert shown.startswith(b"\n" + at(2, b"oops\n"))
    assert joiner.feed(OUT, at(3, b"on\n")) == at(3, b"on\n")


@pytest.mark.parametrize("size", [1, 1000, 1 << 20])
def test_pieces_of_a_terminal_are_told_by_their_length(size: int) -> None:
    """Its log has no frames."""
    pieces = [at(1, b"a b\r\n"), at(2, FULL), at(2, FULL), at(2, b"\r\n"), at(3, b"x")]
    wire = b"".join(pieces)
    source = TerminalPieces(timestamps=True)

    found = [
        piece
        for start in range(0, len(wire), size)
        for piece in source.feed(wire[start : start + size])
    ]
    assert [text for _, text in found + source.end()] == pieces


LOG = [
    at(1, b"first\n"),
    at(2, FULL),
    at(2, FULL),
    at(2, b"end\n"),
    at(3, b"middle\n"),
    at(4, FULL),
    at(4, b"\n"),
]


@pytest.mark.parametrize(
    ("lines", "asked", "expected"),
    [
        (1, 2, None),
        (1, 8, Beginning(2, at(4, b"").strip())),
        (2, 4, Beginning(3, at(3, b"").strip())),
        (3, 7, Beginning(6, at(2, b"").strip())),
        (3, 6, None),
        (9, 8, Beginning(7, at(1, b"").strip())),
    ],
)
def test_the_last_lines_are_found_among_the_last_pieces(
    lines: int, asked: int, expected: Beginning | None
) -> None:
    """None where the first piece that was seen may continue a line."""
    finder = TailFinder(lines)
    for piece in LOG[-asked:]:
        finder.feed(OUT, piece)

    assert finder.found(asked=asked) == expected
