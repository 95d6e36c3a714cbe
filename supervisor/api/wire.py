"""Protobuf's wire format: numbered fields, read and written.

Rules
- Reading never runs past the end and never guesses: bytes that are no protobuf raise
  Malformed.

Follows protobuf.dev/programming-guides/encoding.
"""

from collections.abc import Iterator

Wire = int | bytes
"""A value as it stands on the wire: a number, or the bytes of text or a message."""

_MASK = 2**64 - 1


class Malformed(Exception):
    """Bytes that are not what protobuf, or the message's type, allows."""


def fields(body: bytes) -> Iterator[tuple[int, Wire]]:
    """Number and value of each field of a message, in order."""
    at = 0
    while at < len(body):
        tag, at = varint(body, at)
        number, wire_type = tag >> 3, tag & 7
        if number == 0:
            raise Malformed("field number 0")
        match wire_type:
            case 0:
                value, at = varint(body, at)
                yield number, value
            case 2:
                length, at = varint(body, at)
                piece, at = _slice(body, at, length)
                yield number, piece
            case 1 | 5:
                piece, at = _slice(body, at, 8 if wire_type == 1 else 4)
                yield number, int.from_bytes(piece, "little")
            case _:
                raise Malformed(f"wire type {wire_type} of field {number}")


def varint(body: bytes, at: int) -> tuple[int, int]:
    """The number that begins at `at`, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(body):
            raise Malformed("unexpected EOF")
        byte = body[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & _MASK, at
    raise Malformed("integer overflow")


def _slice(body: bytes, at: int, length: int) -> tuple[bytes, int]:
    if at + length > len(body):
        raise Malformed("unexpected EOF")
    return body[at : at + length], at + length


def signed(value: int) -> int:
    """A number as two's complement of 64 bits."""
    return value - 2**64 if value >= 2**63 else value


def message(number: int, body: bytes) -> bytes:
    """A field that holds a message, or any other bytes."""
    return written(number << 3 | 2) + written(len(body)) + body


def text(number: int, value: str) -> bytes:
    """A field that holds text; nothing if it is empty."""
    return message(number, value.encode()) if value else b""


def integer(number: int, value: int) -> bytes:
    """A field that holds a number or a boolean."""
    return written(number << 3) + written(value & _MASK)


def written(value: int) -> bytes:
    """A number as varint."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
