"""Durations in options: `30s`, `1m30s`, `2h`."""

from supervisor.cli.failure import Failure
from supervisor.model import durations


def parse_duration(text: str, option: str) -> float:
    """Seconds, never negative; raises Failure that names `option`."""
    try:
        seconds = durations.parse(text)
    except ValueError:
        seconds = -1.0
    if seconds < 0 or text.startswith(("+", "-")):
        raise Failure(
            f'invalid argument "{text}" for "{option}": a duration such as 30s, 5m or '
            "1h30m is expected"
        )
    return seconds
