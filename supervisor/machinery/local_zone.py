"""The time zone of this machine, as the C library finds it."""

import os
from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_LOCALTIME = Path("/etc/localtime")


def local_zone() -> tzinfo:
    """What TZ names, or else /etc/localtime; UTC where neither can be read."""
    name = os.environ.get("TZ", "").lstrip(":")
    try:
        if name:
            return ZoneInfo(name)
        with _LOCALTIME.open("rb") as file:
            return ZoneInfo.from_file(file, key=str(_LOCALTIME))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
