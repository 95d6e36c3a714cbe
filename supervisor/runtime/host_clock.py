"""How wrong the clock of an engine's host is, so that its instants can be put right.

An engine dates what it tells by the clock of its host. Waits before restarts and the
delays of probes count from such instants, by our clock: a host an hour ahead would make
each of them an hour longer, and one that is behind would leave them out.

Rules
- A difference that may come from the way there and back, or is as small as clocks that
  are kept in time have, is none: then instants stay exactly as the engine tells them.
- It is noted anew only when it has changed by more than that, so that one instant does
  not become several.
"""

import threading
from collections.abc import Callable

_TOLERATED_SECONDS = 2.0


class HostClock:
    """`now` is our own clock; without it the host's is taken to be right."""

    def __init__(self, now: Callable[[], float] | None = None) -> None:
        self.now = now or (lambda: 0.0)
        self._compares = now is not None
        self._lock = threading.Lock()
        self._ahead = 0.0

    @property
    def ahead(self) -> float:
        """Seconds; negative for a clock that is behind."""
        with self._lock:
            return self._ahead

    def note(self, told: float, asked_at: float) -> None:
        """Compare what the host's clock said, asked for at that instant of ours."""
        if not self._compares:
            return
        answered_at = self.now()
        # It was read somewhere between the two.
        nearest = min(max(told, asked_at), answered_at)
        ahead = told - nearest
        with self._lock:
            margin = _TOLERATED_SECONDS + (answered_at - asked_at)
            if abs(ahead - self._ahead) > margin:
                self._ahead = ahead if abs(ahead) > _TOLERATED_SECONDS else 0.0

    def ours(self, instant: float) -> float:
        """An instant of the host's as we call it; 0 is none."""
        return instant - self.ahead if instant else instant

    def theirs(self, instant: float) -> float:
        return instant + self.ahead
