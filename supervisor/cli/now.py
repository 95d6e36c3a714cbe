"""The current time, for commands.

Commands do not use the daemon's Clock, which starts threads for its timers.
"""

import time


def now() -> float:
    """Seconds since the epoch."""
    return time.time()  # noqa: TID251
