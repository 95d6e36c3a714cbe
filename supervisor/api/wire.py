"""Encoding and decoding of the protobuf wire format.

Rules
- Decoding never reads past the end; malformed bytes raise Malformed.

Follows protobuf.dev/programming-guides/encoding.
"""

from collections.abc import Iterator

Wire = int | bytes
"""An encoded value: a number, or the bytes of a string or message."""

_MASK = 2**64 - 1


class Malformed(Exception):
    """Bytes that are not valid protobuf, or do not match the type of the message."""


def fields(body: bytes) -> Iterator[tuple[int, Wire]]:
    """Number and value of each field of a message, in order. Raises Malformed."""
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
    """The varint at offset `at`, and the offset after it. Raises Malformed."""
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
    """`value` interpreted as a signed 64-bit integer."""
    return value - 2**64 if value >= 2**63 else value


def message(number: int, body: bytes) -> bytes:
    """Encode a field with a message or other bytes."""
    return encode_varint(number << 3 | 2) + encode_varint(len(body)) + body


def text(number: int, value: str) -> bytes:
    """Encode a field with a string; empty strings are omitted."""
    return message(number, value.encode()) if value else b""


def integer(number: int, value: int) -> bytes:
    """Encode a field with an integer or a boolean."""
    return encode_varint(number << 3) + encode_varint(value & _MASK)


def encode_varint(value: int) -> bytes:
    """`value` as a varint."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
