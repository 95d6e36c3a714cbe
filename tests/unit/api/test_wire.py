"""Protobuf's wire format."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.api import wire
from supervisor.api.wire import Malformed

#: A loaded machine is no reason to fail.


@given(st.integers(-(2**63), 2**63 - 1))
def test_numbers_come_back_as_they_were_written(value: int) -> None:
    """Negative ones as two's complement of 64 bits."""
    [(number, read)] = wire.fields(wire.integer(5, value))

    assert number == 5 and isinstance(read, int) and wire.signed(read) == value


@given(st.integers(1, 5000), st.binary(max_size=300))
def test_bytes_come_back_as_they_were_written(number: int, body: bytes) -> None:
    """Under any number, at any length."""
    assert list(wire.fields(wire.message(number, body))) == [(number, body)]


def test_fixed_numbers_are_read() -> None:
    """Floats and fixed integers of 4 and 8 bytes do not upset the reader."""
    body = b"\x0d\x01\0\0\0" + b"\x11\x02" + bytes(7) + wire.text(3, "x")

    assert list(wire.fields(body)) == [(1, 1), (2, 2), (3, b"x")]


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Nothing but Malformed is ever raised, and reading ends."""
    with contextlib.suppress(Malformed):
        assert all(number > 0 for number, _ in wire.fields(body))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\x0a\x05ab", "unexpected EOF"),
        (b"\x0a", "unexpected EOF"),
        (b"\x80" * 11, "integer overflow"),
        (b"\x00\x00", "field number 0"),
        (b"\x0b", "wire type 3 of field 1"),
    ],
)
def test_what_is_no_protobuf_is_refused(body: bytes, words: str) -> None:
    """Truncated, overlong and outdated fields have their words."""
    with pytest.raises(Malformed, match=words):
        list(wire.fields(body))
