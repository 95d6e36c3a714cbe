"""Parse the head of an HTTP/1 response as far as probes need it.

Rules
- Lines may end with a bare newline, and a field may be continued on lines that begin
  with a space. A field's name is a token or contains spaces; its value has no control
  characters except tabs. Anything else makes the whole response malformed.
- Body length: `Transfer-Encoding` must be exactly `chunked` and overrides
  `Content-Length`; several `Content-Length` fields must agree. HTTP/1.0 has no chunks.

Pure. Follows RFC 9112 where Go does: net/http/{response,transfer}.go and
net/textproto/reader.go of Go 1.24, which the kubelet uses.
"""

import re
import string
from dataclasses import dataclass

_VERSION = re.compile(rb"HTTP/([0-9])\.([0-9])")
_OF_NAMES = b"!#$%&'*+-.^_`|~ " + (string.ascii_letters + string.digits).encode()
_OF_VALUES = bytes({*range(0x20, 0x7F), *range(0x80, 0x100), *b"\t"})
_OF_FIELDS = _OF_VALUES + b"\r\n"
_FOLD = re.compile(rb"\r?\n[ \t]+")
_WANTED = (b"content-length", b"transfer-encoding", b"trailer", b"location")
_LENGTHS = frozenset(map(len, _WANTED))
_MAX_LENGTH = 2**63 - 1
_NO_TRAILERS = (b"transfer-encoding", b"trailer", b"content-length")


class Malformed(Exception):
    """The peer's answer is not HTTP/1; the text shows what it is."""


@dataclass(frozen=True)
class Head:
    status: int
    location: str = ""
    """Bytes that are not UTF-8 are surrogates."""
    length: int | None = None
    """Of the body; None if it is chunked or ends with the stream."""
    chunked: bool = False

    @property
    def is_interim(self) -> bool:
        """Whether another response follows. None does after 101 (protocol change)."""
        return 100 <= self.status < 200 and self.status != 101


def parse_head(data: bytes) -> Head:
    """`data` includes the newline before the empty line. Raises Malformed."""
    line, _, fields = data.partition(b"\n")
    status, version = _status_line(line.removesuffix(b"\r"))
    found = read_fields(fields)
    chunked = _is_chunked(found, version)
    length = _length(found.get(b"content-length", []))
    if status // 100 == 1 or status in (204, 304):
        chunked, length = False, 0
    elif chunked:
        length = None
    location = found.get(b"location", [b""])[0].decode("utf-8", "surrogateescape")
    return Head(status, location, length, chunked)


def read_fields(fields: bytes) -> dict[bytes, list[bytes]]:
    """The values of the fields in _WANTED, by lower-case name.

    `fields` are lines with their newlines. Raises Malformed if one is invalid.
    """
    if fields[:1] in (b" ", b"\t"):
        raise Malformed("malformed MIME header initial line")
    if wrong := fields.translate(None, _OF_FIELDS):
        raise Malformed(f"malformed MIME header: invalid byte {wrong[:1]!r}")
    if fields.count(b"\r") != fields.count(b"\r\n"):
        raise Malformed("malformed MIME header: invalid byte b'\\r'")
    if b"\n " in fields or b"\n\t" in fields:
        fields = _FOLD.sub(b" ", fields)
    found: dict[bytes, list[bytes]] = {}
    for line in fields.split(b"\n")[:-1]:
        name, colon, value = line.partition(b":")
        if not name or not colon or name.translate(None, _OF_NAMES):
            shown = line[:64].decode("latin-1").strip()
            raise Malformed(f"malformed MIME header line: {shown}")
        if len(name) in _LENGTHS and (key := name.lower()) in _WANTED:
            found.setdefault(key, []).append(value.strip())
    return found


def _status_line(line: bytes) -> tuple[int, tuple[int, int]]:
    """Status code and HTTP version."""
    proto, space, rest = line.partition(b" ")
    code = rest.lstrip(b" ").partition(b" ")[0]
    if not space or len(code) != 3 or not code.isdigit():
        raise Malformed(line[:64].decode("latin-1"))
    version = _VERSION.fullmatch(proto)
    if version is None:
        raise Malformed(line[:64].decode("latin-1"))
    return int(code), (int(version[1]), int(version[2]))


def _is_chunked(found: dict[bytes, list[bytes]], version: tuple[int, int]) -> bool:
    encodings = found.get(b"transfer-encoding")
    if encodings is None or (0, 0) < version < (1, 1):
        return False
    if len(encodings) != 1 or encodings[0].lower() != b"chunked":
        shown = b", ".join(encodings).decode("latin-1")
        raise Malformed(f"unsupported transfer encoding: {shown}")
    for names in found.get(b"trailer", ()):
        for name in names.split(b","):
            if name.strip().lower() in _NO_TRAILERS:
                raise Malformed(f"bad trailer key {name.decode('latin-1')!r}")
    return True


def _length(values: list[bytes]) -> int | None:
    if not values:
        return None
    text = values[0].decode("latin-1")
    if len(values) > 1 and len(set(values)) > 1:
        raise Malformed("several Content-Length headers that differ")
    if not values[0].isdigit() or int(values[0]) > _MAX_LENGTH:
        raise Malformed(f"bad Content-Length {text!r}")
    return int(values[0])
