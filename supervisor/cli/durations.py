"""Durations as users write them: `30s`, `1m30s`, `2h`.

Follows Go's time.ParseDuration.
"""

import re

from supervisor.cli.failure import Failure

_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}


def parse_duration(text: str, option: str) -> float:
    """`text` in seconds. Raises Failure, which names `option`."""
    if text == "0":
        return 0.0
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise Failure(
            f'invalid argument "{text}" for "{option}": a duration such as 30s, 5m or '
            "1h30m is expected"
        )
    return float(sum(float(number) * _SECONDS[unit] for number, unit in parts))
