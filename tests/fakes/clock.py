"""Time that stands still until a test moves it.

Rules
- `advance` runs each timer at its own instant, in order, in the caller's thread; a
  timer that is set by another one and falls due meanwhile runs in the same call.
- A timer set for the past runs at the next `advance`, of 0 seconds too.
- Passes tests/contract/test_clock.py, as the real clock does.
"""

import threading
from collections.abc import Callable, Hashable

#: 2026-01-02T03:04:05Z, an instant of whole seconds.
START = 1767323045.0


class FakeClock:
    def __init__(self, start: float = START) -> None:
        self._lock = threading.Lock()
        self._now = start
        #: Serial numbers keep timers of one instant in the order of their setting.
        self._serial = 0
        self._timers: dict[Hashable, tuple[float, int, Callable[[], None]]] = {}
        #: Periods of the timers that come again.
        self._periods: dict[Hashable, float] = {}

    def now(self) -> float:
        with self._lock:
            return self._now

    def at(self, key: Hashable, when: float, wake: Callable[[], None]) -> None:
        with self._lock:
            self._serial += 1
            self._timers[key] = (max(when, self._now), self._serial, wake)
            self._periods.pop(key, None)

    def every(
        self, key: Hashable, first: float, period: float, wake: Callable[[], None]
    ) -> None:
        self.at(key, first, wake)
        with self._lock:
            self._periods[key] = period

    def cancel(self, key: Hashable) -> None:
        with self._lock:
            self._timers.pop(key, None)
            self._periods.pop(key, None)

    def advance(self, seconds: float) -> None:
        """Move time on, running what falls due."""
        self.advance_to(self.now() + seconds)

    def advance_to(self, when: float) -> None:
        """Move time on to `when`; time never goes back, so the past means now."""
        while (wake := self._next_due(when)) is not None:
            wake()
        with self._lock:
            self._now = max(self._now, when)

    def next_at(self) -> float | None:
        """The instant of the earliest timer, if there is one."""
        with self._lock:
            return min((due for due, _, _ in self._timers.values()), default=None)

    def timers(self) -> dict[Hashable, float]:
        """When each timer is due, by its key."""
        with self._lock:
            return {key: due for key, (due, _, _) in self._timers.items()}

    def _next_due(self, limit: float) -> Callable[[], None] | None:
        with self._lock:
            first = min(self._timers.items(), key=lambda t: t[1][:2], default=None)
            if first is None or first[1][0] > limit:
                return None
            key, (due, _, wake) = first
            self._now = max(self._now, due)
            del self._timers[key]
            if (period := self._periods.get(key)) is not None:
                self._serial += 1
                self._timers[key] = (due + period, self._serial, wake)
            return wake
