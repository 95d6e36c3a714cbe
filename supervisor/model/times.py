"""Instants as seconds since the epoch inside, RFC 3339 text outside.

Kubernetes writes whole seconds in UTC (`2026-01-02T03:04:05Z`); Docker writes
nanoseconds. Both are read; only the first form is written.
"""

from datetime import UTC, datetime

LATEST = 253_402_300_799.0
"""The last second of the year 9999: RFC 3339 has no later one."""


def to_text(at: float) -> str:
    """`at` (seconds) as Kubernetes writes it: UTC, whole seconds, rounded down."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_micro_text(at: float) -> str:
    """`at` as a MicroTime, which Leases and `eventTime` use."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def to_seconds(text: str) -> float:
    """Seconds since the epoch of an RFC 3339 instant; digits past µs are cut.

    Raises ValueError when `text` is not RFC 3339.
    """
    head, dot, rest = text.partition(".")
    if dot:
        digits = len(rest) - len(rest.lstrip("0123456789"))
        text = f"{head}.{rest[: min(digits, 6)]}{rest[digits:]}"
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return at.timestamp()
