"""SPDY/3.1 framing, as far as kubectl uses it: decodes bytes to events, encodes frames.

Rules
- No I/O: a `Framing` contains the state of one connection (header compression, and the
  incomplete frame).
- Data is passed on as it arrives, so a long frame is never buffered.
- Flow control, settings and server push are not supported, as in kubectl.

Follows the SPDY/3.1 draft; clients use moby/spdystream.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from supervisor.api.streams.spdy_dictionary import DICTIONARY

_VERSION = 3
_CONTROL = 0x8000_0000
_STREAM_MASK = 0x7FFF_FFFF
_FIN = 0x01
_HEAD_BYTES = 8
_MAX_CONTROL_BYTES = 64 * 1024
_MAX_HEADER_BYTES = 64 * 1024
_MAX_DATA_BYTES = 0xFF_FFFF

REFUSED_STREAM = 3


class _Kind(IntEnum):
    SYN_STREAM = 1
    SYN_REPLY = 2
    RST_STREAM = 3
    PING = 6
    GOAWAY = 7
    HEADERS = 8


class FramingError(Exception):
    """The peer violated the protocol; the connection must be closed."""


@dataclass(frozen=True)
class Opened:
    """The client opened a stream; header names are in lower case."""

    stream: int
    headers: Mapping[str, str]
    fin: bool = False


@dataclass(frozen=True)
class Received:
    """Data on a stream; `fin` marks the end of the stream."""

    stream: int
    data: bytes
    fin: bool = False


@dataclass(frozen=True)
class Reset:
    stream: int
    status: int


@dataclass(frozen=True)
class Ping:
    id: int


@dataclass(frozen=True)
class GoAway:
    last_stream: int


Event: TypeAlias = Opened | Received | Reset | Ping | GoAway


class Framing:
    """The server side of one connection."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)
        self._deflate = zlib.compressobj(zdict=DICTIONARY)
        self._input = bytearray()
        #: (stream, flags, missing bytes) of an incomplete data frame.
        self._data: tuple[int, int, int] | None = None

    # -- in

    def receive(self, data: bytes) -> Iterator[Event]:
        """Decode `data`; the iterator must be exhausted. Raises FramingError."""
        self._input += data
        while True:
            if self._data is not None:
                event = self._more_data(*self._data)
                if event is None:
                    return
                yield event
                continue
            if len(self._input) < _HEAD_BYTES:
                return
            first, second = struct.unpack_from(">II", self._input)
            flags, length = second >> 24, second & 0xFF_FFFF
            if not first & _CONTROL:
                del self._input[:_HEAD_BYTES]
                self._data = (first, flags, length)
                continue
            _check_control(first, length)
            if len(self._input) < _HEAD_BYTES + length:
                return
            payload = bytes(self._input[_HEAD_BYTES : _HEAD_BYTES + length])
            del self._input[: _HEAD_BYTES + length]
            yield from self._control(first & 0xFFFF, flags, payload)

    def _more_data(self, stream: int, flags: int, left: int) -> Received | None:
        if left and not self._input:
            return None
        piece = bytes(self._input[:left])
        del self._input[:left]
        left -= len(piece)
        self._data = (stream, flags, left) if left else None
        return Received(stream, piece, fin=not left and bool(flags & _FIN))

    def _control(self, kind: int, flags: int, payload: bytes) -> Iterator[Event]:
        match kind:
            case _Kind.SYN_STREAM:
                stream, _associated, _priority = _unpack(">IIH", payload)
                headers = self._headers(payload[10:])
                yield Opened(stream & _STREAM_MASK, headers, bool(flags & _FIN))
            case _Kind.RST_STREAM:
                stream, status = _unpack(">II", payload)
                yield Reset(stream & _STREAM_MASK, status)
            case _Kind.PING:
                yield Ping(_unpack(">I", payload)[0])
            case _Kind.GOAWAY:
                yield GoAway(_unpack(">I", payload)[0] & _STREAM_MASK)
            case _Kind.SYN_REPLY | _Kind.HEADERS:
                # Decompressed to keep the state of the decompressor.
                self._headers(payload[4:])
            case _:
                return

    def _headers(self, block: bytes) -> dict[str, str]:
        try:
            text = self._inflate.decompress(block, _MAX_HEADER_BYTES)
        except zlib.error as error:
            raise FramingError(f"cannot decompress headers: {error}") from error
        if self._inflate.unconsumed_tail:
            raise FramingError(f"headers are longer than {_MAX_HEADER_BYTES} bytes")
        return _parse_headers(text)

    # -- out

    def reply(self, stream: int) -> bytes:
        """Accept a stream; must precede data on it."""
        block = self._deflate.compress(struct.pack(">I", 0))
        block += self._deflate.flush(zlib.Z_SYNC_FLUSH)
        return _frame(_Kind.SYN_REPLY, struct.pack(">I", stream) + block)

    def data(self, stream: int, data: bytes, *, fin: bool = False) -> bytes:
        if len(data) > _MAX_DATA_BYTES:
            raise ValueError(
                f"a frame has at most {_MAX_DATA_BYTES} bytes, got {len(data)}"
            )
        flags = _FIN if fin else 0
        return struct.pack(">II", stream, flags << 24 | len(data)) + data

    def reset(self, stream: int, status: int) -> bytes:
        return _frame(_Kind.RST_STREAM, struct.pack(">II", stream, status))

    def ping(self, ping_id: int) -> bytes:
        return _frame(_Kind.PING, struct.pack(">I", ping_id))


def _frame(kind: int, payload: bytes) -> bytes:
    head = struct.pack(">HHI", 0x8000 | _VERSION, kind, len(payload))
    return head + payload


def _check_control(first: int, length: int) -> None:
    version = first >> 16 & 0x7FFF
    if version != _VERSION:
        raise FramingError(f"the frame's version is {version}, it must be {_VERSION}")
    if length > _MAX_CONTROL_BYTES:
        raise FramingError(f"a control frame of {length} bytes is too long")


def _unpack(layout: str, payload: bytes) -> tuple[int, ...]:
    try:
        return struct.unpack_from(layout, payload)
    except struct.error as error:
        raise FramingError(f"a control frame is truncated: {error}") from error


def _parse_headers(text: bytes) -> dict[str, str]:
    """Decode a header block: the count, then length, name, length, value of each."""
    (count,) = _unpack(">I", text)
    headers: dict[str, str] = {}
    at = 4
    for _ in range(count):
        name, at = _counted(text, at)
        value, at = _counted(text, at)
        headers[name.lower()] = value
    return headers


def _counted(text: bytes, at: int) -> tuple[str, int]:
    (length,) = _unpack(">I", text[at : at + 4])
    end = at + 4 + length
    if end > len(text):
        raise FramingError("headers are truncated")
    return text[at + 4 : end].decode("utf-8", "replace"), end
