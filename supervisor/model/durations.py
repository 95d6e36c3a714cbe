"""Durations as kubectl prints them (`3m4s`, `5h2m`, `1y10d`) and as Go reads them.

Follows staging/src/k8s.io/apimachinery/pkg/util/duration/duration.go, and
time.ParseDuration.
"""

import re

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_YEAR = 365 * _DAY


def human_duration(seconds: float) -> str:
    """`seconds` in at most two units, ever coarser as it grows.

    Upstream lets clocks differ a little: from -1 s on it is `0s`, before `<invalid>`.
    """
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 0:
        return "0s"
    if whole < _HOUR * 3:
        return _up_to_three_hours(whole)
    if whole < _DAY * 8:
        return _up_to_eight_days(whole)
    if whole < _YEAR * 2:
        return f"{whole // _DAY}d"
    if whole < _YEAR * 8:
        days = whole // _DAY % 365
        return _pair(whole // _YEAR, "y", days, "d")
    return f"{whole // _YEAR}y"


def _up_to_three_hours(whole: int) -> str:
    if whole < _MINUTE * 2:
        return f"{whole}s"
    if whole < _MINUTE * 10:
        return _pair(whole // _MINUTE, "m", whole % _MINUTE, "s")
    return f"{whole // _MINUTE}m"


def _up_to_eight_days(whole: int) -> str:
    if whole < _HOUR * 8:
        return _pair(whole // _HOUR, "h", whole // _MINUTE % 60, "m")
    if whole < _HOUR * 48:
        return f"{whole // _HOUR}h"
    return _pair(whole // _DAY, "d", whole // _HOUR % 24, "h")


def _pair(large: int, unit: str, small: int, small_unit: str) -> str:
    return f"{large}{unit}{small}{small_unit}" if small else f"{large}{unit}"


_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}


def parse(text: str) -> float:
    """Seconds of `30s`, `-1m30s` or `2h`. Raises ValueError with Go's words."""
    unsigned = text[1:] if text[:1] in ("+", "-") else text
    if unsigned == "0":
        return 0.0
    parts = _PART.findall(unsigned)
    if not parts or "".join(number + unit for number, unit in parts) != unsigned:
        raise ValueError(f'time: invalid duration "{text}"')
    total = float(sum(float(number) * _SECONDS[unit] for number, unit in parts))
    return -total if text.startswith("-") else total
