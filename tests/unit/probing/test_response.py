"""Reading one HTTP response, in whatever pieces it comes."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.probing.response import BODY_LIMIT, CutShort, Malformed, Response

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n"
)
TO_THE_END = b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nhello"
TRAILER = CHUNKED[:-2] + b"Checksum: 1\r\n\r\n"
BARE = b"HTTP/1.1 200 OK\nContent-Length:\n 5\n\r\nhello"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + PLAIN


def read(
    data: bytes, *, cuts: list[int] | None = None, closed: bool = True
) -> Response:
    answer = Response()
    places = sorted({0, *(c % (len(data) + 1) for c in cuts or []), len(data)})
    for start, end in itertools.pairwise(places):
        if not answer.done:
            answer.feed(data[start:end])
    if closed:
        answer.eof()
    return answer


@given(
    st.sampled_from(
        [
            (PLAIN, 200),
            (CHUNKED, 503),
            (TRAILER, 503),
            (TO_THE_END, 200),
            (BARE, 200),
            (INTERIM, 200),
        ]
    ),
    st.lists(st.integers(0, 200)),
)
def test_a_response_means_the_same_in_any_pieces(
    response: tuple[bytes, int], cuts: list[int]
) -> None:
    """Where the network cuts a response makes no difference."""
    data, status = response
    answer = read(data, cuts=cuts)

    assert (answer.status, answer.body, answer.done) == (status, b"hello", True)


@pytest.mark.parametrize("data", [PLAIN, CHUNKED, TRAILER, BARE, INTERIM])
def test_a_complete_response_does_not_wait_for_the_peer_to_close(data: bytes) -> None:
    """A server that keeps its connections open is not waited for."""
    assert read(data, closed=False).done


def test_a_long_body_is_cut_and_complete() -> None:
    """Ten KiB are enough, and the rest is not waited for."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"
    answer = read(head + b"x" * (BODY_LIMIT + 1), closed=False)

    assert answer.done
    assert len(answer.body) == BODY_LIMIT


def test_a_long_chunk_is_cut_too() -> None:
    """One huge chunk is not collected before it is cut."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n"
    answer = read(head + b"x" * BODY_LIMIT, closed=False)

    assert answer.done
    assert len(answer.body) == BODY_LIMIT


@pytest.mark.parametrize("status", [204, 304])
def test_some_statuses_have_no_body(status: int) -> None:
    """204 and 304 end with their head, whatever it says."""
    data = f"HTTP/1.1 {status} X\r\nContent-Length: 5\r\n\r\n".encode()

    assert status in (204, 304)
    assert read(data, closed=False).done


@pytest.mark.parametrize("data", [PLAIN[:-1], CHUNKED[:-9], PLAIN[:30], b""])
def test_an_early_end_is_told_apart(data: bytes) -> None:
    """A response that stops half-way is not taken for a whole one."""
    with pytest.raises(CutShort):
        read(data)


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x15\x03\x01\x00\x02\x02\x16",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_said_to_be_malformed(data: bytes) -> None:
    """A probe of the wrong port gets a clear answer at once."""
    with pytest.raises(Malformed):
        read(data, closed=False)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    """Whatever comes, the reader answers or says what is wrong."""
    try:
        read(data)
    except (Malformed, CutShort):
        return
    raise AssertionError("random bytes are not a whole response")


def test_a_long_head_is_searched_once() -> None:
    """Megabytes that come in small pieces do not cost more and more."""
    answer = Response()
    answer.feed(b"HTTP/1.1 200 OK\r\nA: ")
    for _ in range(1000):
        answer.feed(b" " * 4096)
    answer.feed(b"\r\nContent-Length: 0\r\n\r\n")

    assert answer.done
