"""SPDY/3.1 framing."""

import hashlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.api.streams.spdy import (
    Event,
    Framing,
    FramingError,
    GoAway,
    Opened,
    Ping,
    Received,
    Reset,
)
from supervisor.api.streams.spdy_dictionary import DICTIONARY
from tests.fakes.spdy_client import SpdyClient, control, frames

DIGEST = "51d27341373f923f3cd88e1eb7162aeaa3723d7585ff2399201dc06498407f02"


def events(*pieces: bytes) -> list[Event]:
    """The events that a new connection decodes from these bytes."""
    framing = Framing()
    return [event for piece in pieces for event in framing.receive(piece)]


def test_the_dictionary_is_that_of_the_draft() -> None:
    """Headers are compressed with the draft's 1423 bytes."""
    assert len(DICTIONARY) == 1423
    assert hashlib.sha256(DICTIONARY).hexdigest() == DIGEST


def test_opened_streams_have_their_headers() -> None:
    """In lower case."""
    client = SpdyClient()
    first = client.open(1, {"streamType": "error", "port": "80"})
    second = client.open(3, {"streamType": "data", "port": "80"}, flags=1)
    assert events(first, second) == [
        Opened(1, {"streamtype": "error", "port": "80"}),
        Opened(3, {"streamtype": "data", "port": "80"}, fin=True),
    ]


def test_headers_of_replies_are_decompressed() -> None:
    """Ignored header blocks do not break later ones."""
    client = SpdyClient()
    headers = control(8, struct.pack(">I", 1) + client.block({"a": "b"}))
    opened = client.open(5, {"streamtype": "data"})
    assert events(headers, opened) == [Opened(5, {"streamtype": "data"})]


@given(st.lists(st.integers(1, 40), max_size=12))
def test_input_may_be_split_anywhere(sizes: list[int]) -> None:
    """Only the chunks of data differ."""
    client = SpdyClient()
    whole = client.open(1, {"streamtype": "data"})
    whole += client.data(1, b"hello, ") + control(6, struct.pack(">I", 7))
    whole += client.data(1, b"world", fin=True)
    pieces, at = [], 0
    for size in sizes:
        pieces.append(whole[at : at + size])
        at += size
    seen = events(*pieces, whole[at:])
    data = [e for e in seen if isinstance(e, Received)]
    assert [e for e in seen if not isinstance(e, Received)] == [
        Opened(1, {"streamtype": "data"}),
        Ping(7),
    ]
    assert b"".join(e.data for e in data) == b"hello, world"
    assert [e.fin for e in data] == [False] * (len(data) - 1) + [True]


def test_a_long_frame_is_passed_on_as_it_arrives() -> None:
    """Data is not buffered until the frame is complete."""
    frame = SpdyClient().data(1, b"x" * 1000, fin=True)
    assert events(frame[:508], frame[508:]) == [
        Received(1, b"x" * 500),
        Received(1, b"x" * 500, fin=True),
    ]


def test_an_empty_last_frame_ends_a_stream() -> None:
    """FIN may come without data."""
    assert events(SpdyClient().data(3, b"", fin=True)) == [Received(3, b"", fin=True)]


def test_resets_pings_and_goaways() -> None:
    """Short control frames are decoded; unknown ones are skipped."""
    sent = control(3, struct.pack(">II", 3, 5)) + control(4, bytes(12))
    sent += control(7, struct.pack(">II", 9, 0))
    assert events(sent) == [Reset(3, 5), GoAway(9)]


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        (control(1, b"", version=2), "version is 2, it must be 3"),
        (struct.pack(">II", 0x80030001, 70_000), "70000 bytes is too long"),
        (control(1, bytes(4)), "truncated"),
        (control(1, bytes(10) + b"nonsense"), "cannot decompress"),
        (control(1, bytes(10) + SpdyClient().block({"a": "x" * 70_000})), "longer"),
    ],
)
def test_invalid_frames_are_refused(sent: bytes, complaint: str) -> None:
    """The connection ends with a reason."""
    with pytest.raises(FramingError, match=complaint):
        events(sent)


def test_headers_with_a_wrong_length() -> None:
    """A length beyond the data is an error, not a crash."""
    client = SpdyClient()
    block = client._deflate.compress(struct.pack(">II", 1, 99) + b"short")
    block += client._deflate.flush(2)
    with pytest.raises(FramingError, match="truncated"):
        events(control(1, bytes(10) + block))


def test_replies_can_be_read_by_the_client() -> None:
    """They have no headers and share one compressor."""
    framing, client = Framing(), SpdyClient()
    for stream in (1, 3):
        (frame,) = frames(framing.reply(stream))
        assert (frame.kind, frame.stream) == (2, stream)
        assert client.inflate(frame.payload) == bytes(4)


def test_encoded_frames() -> None:
    """Data, reset, ping and goaway have the layout of the draft."""
    framing = Framing()
    assert framing.data(5, b"ab", fin=True) == b"\0\0\0\x05\x01\0\0\x02ab"
    assert framing.reset(5, 3) == b"\x80\x03\0\x03\0\0\0\x08\0\0\0\x05\0\0\0\x03"
    assert framing.ping(9) == b"\x80\x03\0\x06\0\0\0\x04\0\0\0\x09"
    with pytest.raises(ValueError, match="16777215"):
        framing.data(1, bytes(1 << 24))
