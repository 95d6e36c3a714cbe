"""Base64 as Go's encoding/base64 (StdEncoding) reads it, and so every client of ours.

Rules
- Line breaks (CR and LF) may stand anywhere and mean nothing, between the signs of
  padding as well.
- The padding must be complete; nothing follows it. Bits that are left over are not
  looked at.
- What is written is canonical: without line breaks, and left-over bits are zero.
"""

import base64
import binascii

_ALPHABET = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)
_QUANTUM = 4
_WITHOUT_BREAKS = str.maketrans("", "", "\r\n")


def decode(text: str) -> bytes:
    """The bytes. Raises ValueError, in Go's words."""
    plain = text.translate(_WITHOUT_BREAKS)
    try:
        return binascii.a2b_base64(plain.encode("ascii"), strict_mode=True)
    except ValueError as error:  # binascii.Error, UnicodeEncodeError
        raise ValueError(f"illegal base64 data at input byte {_fault(text)}") from error


def canonical(text: str) -> str:
    """The same bytes as Go writes them. Raises ValueError."""
    return base64.b64encode(decode(text)).decode()


def _fault(text: str) -> int:
    """Where Go stops reading (decodeQuantum): an offset into the bytes of the text."""
    raw = text.encode("utf-8", "surrogatepass").decode("latin-1")
    held = 0
    for place, sign in enumerate(raw):
        if sign in "\r\n":
            continue
        if sign in _ALPHABET:
            held = (held + 1) % _QUANTUM
        elif sign != "=" or held < 2:
            return place
        else:
            return _padding_fault(raw, place + 1, missing=held == 2)
    return len(raw) - held


def _padding_fault(raw: str, after: int, *, missing: bool) -> int:
    """The same after the first `=`; `missing` says that a second must follow."""
    for place in range(after, len(raw)):
        if raw[place] in "\r\n":
            continue
        if missing and raw[place] != "=":
            return place - 1
        if not missing:
            return place
        missing = False
    return len(raw)
