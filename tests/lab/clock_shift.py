"""Make an engine seem to be on a host whose clock is wrong.

Linux has namespaces for the monotonic clock and none for the time of day, and dockerd
asks the kernel, not a library that could be put in between. So what passes is changed
instead: the instants that the engine tells, and those that it is asked about. Labels,
names, and what containers write stay as they are.

Rules
- The change is of whole seconds, so no text becomes longer or shorter, and neither do
  the frames that it is in.
- Works on whole lines: the engine ends each JSON text and each line of a log with one.
"""

import re
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import parse_qsl, urlencode

_INSTANT = rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d"
_TEXT_KEYS = (
    rb"Created|CreatedAt|End|FinishedAt|LastTagTime|preread|read|Start|StartedAt"
    rb"|SystemTime"
)
_TEXT = re.compile(rb'(?<=")((?:' + _TEXT_KEYS + rb')":")(' + _INSTANT + rb")")
_SECONDS = re.compile(rb'("(?:Created|time)":)(\d{10})(?!\d)')
_NANOSECONDS = re.compile(rb'("timeNano":)(\d{10})(?=\d{9}(?!\d))')
_DATE = re.compile(rb"(?mi)^(date: )([^\r\n]+)")
_LOG_LINE = re.compile(
    # At the start of a line, or after the head of a frame: stream and length.
    rb"(?ms)((?:^|[\x00-\x02]\x00\x00\x00.{4}))(" + _INSTANT + rb")(?=\.\d{9}Z )"
)
_ASKED = ("since", "until")


def answer(line: bytes, seconds: int, *, is_log: bool) -> bytes:
    """What the engine says, on a host that is so far ahead."""
    if is_log:
        line = _LOG_LINE.sub(lambda m: m[1] + _moved_text(m[2], seconds), line)
        return _DATE.sub(lambda m: m[1] + _moved_date(m[2], seconds), line)
    line = _TEXT.sub(lambda m: m[1] + _moved_text(m[2], seconds), line)
    line = _SECONDS.sub(lambda m: m[1] + _moved_number(m[2], seconds), line)
    line = _NANOSECONDS.sub(lambda m: m[1] + _moved_number(m[2], seconds), line)
    return _DATE.sub(lambda m: m[1] + _moved_date(m[2], seconds), line)


def question(target: str, seconds: int) -> str:
    """A request's target, as a client that goes by that host's clock means it."""
    path, mark, query = target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(key in _ASKED for key, _ in pairs):
        return target
    moved = [(k, _moved_back(v, seconds) if k in _ASKED else v) for k, v in pairs]
    return path + mark + urlencode(moved)


def _moved_text(text: bytes, seconds: int) -> bytes:
    when = datetime.fromisoformat(text.decode()) + timedelta(seconds=seconds)
    return when.isoformat().encode()


def _moved_number(text: bytes, seconds: int) -> bytes:
    return str(int(text) + seconds).encode()


def _moved_date(text: bytes, seconds: int) -> bytes:
    when = parsedate_to_datetime(text.decode()) + timedelta(seconds=seconds)
    return format_datetime(when, usegmt=True).encode()


def _moved_back(value: str, seconds: int) -> str:
    """Seconds since the epoch with or without a fraction, or RFC 3339."""
    whole, point, fraction = value.partition(".")
    if whole.isdigit():
        moved = int(whole) - seconds if int(whole) else 0  # 0 means: from the start
        return f"{moved}{point}{fraction}"
    if re.match(_INSTANT, value.encode()):
        return _moved_text(value[:19].encode(), -seconds).decode() + value[19:]
    return value
