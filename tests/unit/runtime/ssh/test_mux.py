"""What is said to a running ssh, and how its answers are understood."""

import struct

import pytest

from supervisor.runtime.ssh import mux
from supervisor.runtime.ssh.mux import Answer, MuxFailed, MuxGone


def packet(*numbers: int, text: str = "") -> bytes:
    body = struct.pack(f">{len(numbers)}I", *numbers)
    if text:
        body += struct.pack(">I", len(text)) + text.encode()
    return struct.pack(">I", len(body)) + body


HELLO = packet(0x00000001, 4)
OPENED = packet(0x80000006, 0, 7)
FAILED = packet(0x80000003, 0, text="Session open refused by peer")


def test_a_request_begins_with_the_greeting() -> None:
    """Host and port follow; nothing is waited for in between."""
    sent = mux.stream_request("10.1.0.5", 8080)

    assert sent.startswith(HELLO)
    assert sent.endswith(struct.pack(">I", 8) + b"10.1.0.5" + struct.pack(">I", 8080))


def test_a_forward_names_both_sockets() -> None:
    """A path takes the place of a host, with a port that says so."""
    sent = mux.forward_request("/here", "/there")

    path = struct.pack(">I", 0xFFFFFFFE)
    assert sent.endswith(
        struct.pack(">I", 5) + b"/here" + path + struct.pack(">I", 6) + b"/there" + path
    )


@pytest.mark.parametrize("size", [1, 3, 5, 1000])
def test_answers_may_come_in_pieces(size: int) -> None:
    """Success is known with the last byte, and not before."""
    answer = Answer()
    data = HELLO + OPENED
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    for piece in pieces[:-1]:
        answer.feed(piece)
        assert not answer.done

    answer.feed(pieces[-1])

    assert answer.done


def test_a_failure_is_told_in_the_words_of_ssh() -> None:
    """They come after the numbers of the message."""
    with pytest.raises(MuxFailed, match=r"^Session open refused by peer$"):
        Answer().feed(HELLO + FAILED)


@pytest.mark.parametrize(
    "data", [b"", packet(0x12345678), struct.pack(">I", 1 << 30), HELLO + HELLO]
)
def test_an_end_or_nonsense_means_that_ssh_is_gone(data: bytes) -> None:
    """That is no answer of the other end, and said to be none."""
    with pytest.raises(MuxGone):
        Answer().feed(data)
