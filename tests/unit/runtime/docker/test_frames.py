"""Docker's frames come apart however they were cut up on the way."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from supervisor.runtime.docker.streams.frames import Demultiplexer

PIECES = st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(min_size=1)))


def framed(stream: int, data: bytes) -> bytes:
    return struct.pack(">BxxxL", stream, len(data)) + data


def joined(pieces: list[tuple[int, bytes]], stream: int) -> bytes:
    return b"".join(data for number, data in pieces if number == stream)


@given(PIECES, st.integers(1, 20))
def test_any_cuts(pieces: list[tuple[int, bytes]], size: int) -> None:
    """Whatever the size of the reads, each stream comes out whole."""
    wire = b"".join(framed(stream, data) for stream, data in pieces)
    frames = Demultiplexer(tty=False)

    out = []
    for start in range(0, len(wire), size):
        out += frames.feed(wire[start : start + size])

    assert joined(out, 1) == joined(pieces, 1)
    assert joined(out, 2) == joined(pieces, 2)


def test_terminal() -> None:
    """A terminal has no frames: everything is stdout."""
    assert Demultiplexer(tty=True).feed(b"\x01\x00abc") == [(1, b"\x01\x00abc")]
    assert Demultiplexer(tty=True).feed(b"") == []


def test_complaint_of_the_engine() -> None:
    """What the engine itself has to say about a stream is stderr."""
    assert Demultiplexer(tty=False).feed(framed(3, b"lost")) == [(2, b"lost")]


def test_empty_frame() -> None:
    """An empty frame is nothing, and what follows is read."""
    wire = framed(1, b"") + framed(2, b"x")

    assert Demultiplexer(tty=False).feed(wire) == [(2, b"x")]
