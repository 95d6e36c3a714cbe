"""The protobuf wire format."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.api import wire
from supervisor.api.wire import Malformed

#: A loaded machine is no reason to fail.


@given(st.integers(-(2**63), 2**63 - 1))
def test_numbers_round_trip(value: int) -> None:
    """Negative ones as two's complement of 64 bits."""
    [(number, read)] = wire.fields(wire.integer(5, value))

    assert number == 5 and isinstance(read, int) and wire.signed(read) == value


@given(st.integers(1, 5000), st.binary(max_size=300))
def test_bytes_round_trip(number: int, body: bytes) -> None:
    """With any field number and length."""
    assert list(wire.fields(wire.message(number, body))) == [(number, body)]


def test_fixed_numbers_are_decoded() -> None:
    """Floats and fixed integers of 4 and 8 bytes."""
    body = b"\x0d\x01\0\0\0" + b"\x11\x02" + bytes(7) + wire.text(3, "x")

    assert list(wire.fields(body)) == [(1, 1), (2, 2), (3, b"x")]


@given(st.binary(max_size=40))
def test_any_bytes_are_decoded_or_refused(body: bytes) -> None:
    """Only Malformed is raised."""
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
def test_malformed_bytes_are_refused(body: bytes, words: str) -> None:
    """Truncated, overlong and deprecated fields have their messages."""
    with pytest.raises(Malformed, match=words):
        list(wire.fields(body))
