"""The instant at which the command runs.

The daemon's Clock would start threads for its timers; a command looks once.
"""

import time


def now() -> float:
    """Seconds since the epoch."""
    return time.time()  # noqa: TID251
