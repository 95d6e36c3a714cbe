"""One timer for all who want to be called again and again at the same pace.

Each run of a timer costs a fraction of a millisecond, whatever it does: with many nodes
that is most of what the daemon does when nothing happens.
"""

import threading
from collections.abc import Callable, Hashable

from supervisor.machinery.clock import Clock


class Ticker:
    """Calls everybody every `period` seconds, at the same instants.

    Who is called must neither block nor raise. Any thread may call any method.
    """

    def __init__(self, clock: Clock, period: float) -> None:
        self._clock = clock
        self._period = period
        self._lock = threading.Lock()
        self._wakes: dict[Hashable, Callable[[], None]] = {}

    def add(self, key: Hashable, wake: Callable[[], None]) -> None:
        """Call `wake` from now on, the first time at once."""
        with self._lock:
            is_first = not self._wakes
            self._wakes[key] = wake
            if is_first:
                now = self._clock.now()
                self._clock.every(self, now, self._period, self._beat)
        if not is_first:
            wake()

    def remove(self, key: Hashable) -> None:
        with self._lock:
            self._wakes.pop(key, None)
            if not self._wakes:
                self._clock.cancel(self)

    def _beat(self) -> None:
        with self._lock:
            wakes = list(self._wakes.values())
        for wake in wakes:
            wake()
