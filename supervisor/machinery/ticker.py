"""One periodic timer shared by several callbacks.

Each run of a timer costs a fraction of a millisecond. With one timer per node, that
would be most of the daemon's CPU time when idle.
"""

import threading
from collections.abc import Callable, Hashable

from supervisor.machinery.clock import Clock


class Ticker:
    """Calls all callbacks every `period` seconds, one after the other.

    Callbacks must neither block nor raise. All methods are thread-safe.
    """

    def __init__(self, clock: Clock, period: float) -> None:
        self._clock = clock
        self._period = period
        self._lock = threading.Lock()
        self._wakes: dict[Hashable, Callable[[], None]] = {}

    def add(self, key: Hashable, wake: Callable[[], None]) -> None:
        """Call `wake` now and at each tick; replaces the callback of `key`."""
        with self._lock:
            is_first = not self._wakes
            self._wakes[key] = wake
            if is_first:
                now = self._clock.now()
                self._clock.every(self, now, self._period, self._tick)
        if not is_first:
            wake()

    def remove(self, key: Hashable) -> None:
        with self._lock:
            self._wakes.pop(key, None)
            if not self._wakes:
                self._clock.cancel(self)

    def _tick(self) -> None:
        with self._lock:
            wakes = list(self._wakes.values())
        for wake in wakes:
            wake()
