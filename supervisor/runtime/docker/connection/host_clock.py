"""The offset of an engine host's clock, by which its timestamps are corrected.

An engine's timestamps are those of its host's clock. Restart backoff and probe delays
count from them by our clock: a host an hour ahead would make each of them an hour
longer, and one that is behind would skip them.

Rules
- An offset within the round-trip time, or as small as synchronized clocks have, is
  ignored: timestamps then stay exactly as the engine reports them.
- The offset is updated only when it has changed by more than that, so that one event
  does not get several timestamps.
"""

import threading
from collections.abc import Callable

_TOLERATED_SECONDS = 2.0


class HostClock:
    """`now` is our own clock; without it the host's is taken as correct."""

    def __init__(self, now: Callable[[], float] | None = None) -> None:
        self.now = now or (lambda: 0.0)
        self._compares = now is not None
        self._lock = threading.Lock()
        self._ahead = 0.0

    @property
    def ahead(self) -> float:
        """The offset in seconds; negative if the host is behind."""
        with self._lock:
            return self._ahead

    def note(self, reported: float, asked_at: float) -> None:
        """Compare the host's time with ours when it was requested."""
        if not self._compares:
            return
        answered_at = self.now()
        # The host read its clock between the two.
        nearest = min(max(reported, asked_at), answered_at)
        ahead = reported - nearest
        with self._lock:
            margin = _TOLERATED_SECONDS + (answered_at - asked_at)
            if abs(ahead - self._ahead) > margin:
                self._ahead = ahead if abs(ahead) > _TOLERATED_SECONDS else 0.0

    def ours(self, instant: float) -> float:
        """A timestamp of the host by our clock; 0 stays 0."""
        return instant - self.ahead if instant else instant

    def theirs(self, instant: float) -> float:
        """A timestamp of ours by the host's clock."""
        return instant + self.ahead
