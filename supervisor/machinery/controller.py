"""The one loop of the system: something wakes a key, reconcile reads, plans and acts.

Rules
- Watches, timers, peers and events only `wake(key)`; what is to be done is read from
  the present when the key's turn comes. A lost wake-up costs time, never correctness.
- `reconcile(key)` returns the instant at which it wants to look again, or None.
- Raising means "again, later": the key comes back after 5 ms, doubling up to 30 s.
- A key that took long rests before its next turn, where that is wanted: what happens
  meanwhile is looked at once, and a storm of events leaves the machine to others.
- `step` handles one key in the caller's thread; threads and tests call the same.
"""

import logging
import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from supervisor.machinery import backoff
from supervisor.machinery.clock import Clock
from supervisor.machinery.workqueue import WorkQueue

K = TypeVar("K", bound=Hashable)
Reconcile = Callable[[K], float | None]

_FIRST_RETRY_SECONDS = 0.005
_MAX_RETRY_SECONDS = 30.0
_MIN_REST_SECONDS, _MAX_REST_SECONDS = 0.05, 0.25
_PERSISTENT = 3
"""From this failure in a row on, an expected one is worth a line in the log."""
_log = logging.getLogger(__name__)


class Controller(Generic[K]):
    """A queue of keys with `reconcile` behind it.

    `expected` are exceptions that say only "not now" (a conflict, an engine that is
    away): they are retried like any other but logged in one line without a trace, and
    only when they come again and again.

    `rest` says how many times as long as its turn took a key rests afterwards, for at
    most a quarter of a second.
    """

    def __init__(
        self,
        name: str,
        reconcile: Reconcile[K],
        clock: Clock,
        *,
        expected: tuple[type[Exception], ...] = (),
        cooldown: float = 0.0,
    ) -> None:
        self.name = name
        self._reconcile = reconcile
        self._clock = clock
        self._expected = expected
        self._cooldown = cooldown
        self._queue: WorkQueue[K] = WorkQueue()
        #: Consecutive failures of each key that has failed last time.
        self._failures: dict[K, int] = {}
        self._threads: list[threading.Thread] = []

    def wake(self, key: K) -> None:
        """Have `key` reconciled soon. Any thread; never blocks."""
        self._queue.add(key)

    def wake_at(self, key: K, when: float) -> None:
        """Have `key` reconciled at `when`, in place of an earlier such wish."""
        self._clock.at((self.name, key), when, lambda: self._queue.add(key))

    def discard_pending(self, key: K) -> None:
        """For `reconcile`, about to read the present anew: wakes until now count as
        heard, and do not bring the key back.
        """
        self._queue.discard_pending(key)

    def step(self, timeout: float | None = 0) -> bool:
        """Work on one key; False when none came within `timeout` seconds."""
        key = self._queue.get(timeout)
        if key is None:
            return False
        began = self._clock.now()
        try:
            again_at = self._reconcile(key)
        except Exception as error:  # noqa: BLE001  the loop outlives every mistake
            self._retry(key, error)
        else:
            self._failures.pop(key, None)
            if again_at is None:
                self._clock.cancel((self.name, key))
            else:
                self.wake_at(key, again_at)
        finally:
            self._let_go(key, began)
        return True

    def _let_go(self, key: K, began: float) -> None:
        now = self._clock.now()
        rest = min((now - began) * self._cooldown, _MAX_REST_SECONDS)
        if rest < _MIN_REST_SECONDS:
            self._queue.done(key)
            return
        # Until then nobody gets it, and whoever adds it has added it once.
        done = ("rest", self.name, key)
        self._clock.at(done, now + rest, lambda: self._queue.done(key))

    def _retry(self, key: K, error: Exception) -> None:
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        wait = backoff.delay(
            failures, first=_FIRST_RETRY_SECONDS, maximum=_MAX_RETRY_SECONDS
        )
        if isinstance(error, self._expected):
            level = logging.INFO if failures >= _PERSISTENT else logging.DEBUG
            text = "%s %s: %s; again in %.3g s"
            _log.log(level, text, self.name, key, error, wait)
        else:
            _log.exception("%s %s failed; again in %.3g s", self.name, key, wait)
        self.wake_at(key, self._clock.now() + wait)

    def start(self, workers: int = 1) -> None:
        """Run `workers` threads until `stop`."""
        for number in range(workers):
            thread = threading.Thread(
                target=self._run, name=f"{self.name}-{number}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    @property
    def is_alive(self) -> bool:
        """Whether all workers that were started still work."""
        return all(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while self.step(timeout=None):
            pass

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until the workers are idle and nothing is queued; timers may stand."""
        return self._queue.drain(timeout)

    def stop(self, timeout: float = 5.0) -> None:
        """Let each worker finish its key; wait at most `timeout` seconds for each."""
        self._queue.close()
        for thread in self._threads:
            thread.join(timeout)
