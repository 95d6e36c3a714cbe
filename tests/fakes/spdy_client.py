"""The client's half of SPDY/3.1 framing, for tests of ours.

It shares only the dictionary with the server's half.
"""

import struct
import zlib
from dataclasses import dataclass, field

from supervisor.api.streams.spdy_dictionary import DICTIONARY


@dataclass
class Frame:
    """A frame of the server: `kind` is 0 for data, else the control frame's type."""

    kind: int
    stream: int
    flags: int
    payload: bytes


@dataclass
class SpdyClient:
    _deflate: "zlib._Compress" = field(
        default_factory=lambda: zlib.compressobj(zdict=DICTIONARY)
    )
    _inflate: "zlib._Decompress" = field(
        default_factory=lambda: zlib.decompressobj(zdict=DICTIONARY)
    )

    def block(self, headers: dict[str, str]) -> bytes:
        """Compressed headers; each block depends on those before it."""
        text = struct.pack(">I", len(headers))
        for name, value in headers.items():
            for part in (name.encode(), value.encode()):
                text += struct.pack(">I", len(part)) + part
        block = self._deflate.compress(text)
        return block + self._deflate.flush(zlib.Z_SYNC_FLUSH)

    def open(self, stream: int, headers: dict[str, str], flags: int = 0) -> bytes:
        payload = struct.pack(">IIH", stream, 0, 0) + self.block(headers)
        return control(1, payload, flags)

    def data(self, stream: int, data: bytes, *, fin: bool = False) -> bytes:
        return struct.pack(">II", stream, int(fin) << 24 | len(data)) + data

    def inflate(self, block: bytes) -> bytes:
        return self._inflate.decompress(block)


def control(kind: int, payload: bytes, flags: int = 0, version: int = 3) -> bytes:
    head = struct.pack(">HHI", 0x8000 | version, kind, flags << 24 | len(payload))
    return head + payload


def frames(written: bytes) -> list[Frame]:
    """The whole frames in what the server wrote."""
    found = []
    while written:
        first, second = struct.unpack_from(">II", written)
        flags, length = second >> 24, second & 0xFF_FFFF
        payload = written[8 : 8 + length]
        written = written[8 + length :]
        if first & 0x8000_0000:
            stream = struct.unpack_from(">I", payload)[0]
            found.append(Frame(first & 0xFFFF, stream, flags, payload[4:]))
        else:
            found.append(Frame(0, first, flags, payload))
    return found


def text_of(stream: int, written: list[Frame]) -> bytes:
    """The bytes of one stream."""
    return b"".join(f.payload for f in written if f.kind == 0 and f.stream == stream)


def finished(written: list[Frame]) -> set[int]:
    """The streams that the server has finished."""
    return {f.stream for f in written if f.kind == 0 and f.flags & 1}
