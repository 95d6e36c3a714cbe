"""The controller loop: a queue of keys and a `reconcile` function.

Rules
- Level-triggered: watches, timers and events only `wake(key)`; `reconcile` reads the
  current state. A lost wake-up costs time, never correctness.
- `reconcile(key)` returns the time of its next run, or None.
- If it raises, the key is retried after 5 ms, doubling up to 30 s.
- With a cooldown, a key whose reconcile took long waits before it runs again: wake-ups
  in between are merged, and a burst of events leaves CPU time to other keys.
- `step` handles one key in the caller's thread; worker threads and tests both call it.
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
_MIN_COOLDOWN_SECONDS, _MAX_COOLDOWN_SECONDS = 0.05, 0.25
_PERSISTENT_FAILURES = 3
"""Expected errors are logged at INFO from this consecutive failure on."""
_log = logging.getLogger(__name__)


class Controller(Generic[K]):
    """A work queue whose keys are passed to `reconcile`.

    `expected` are transient errors, such as a conflict or an unreachable engine. They
    are retried like all others, but logged in one line without a traceback, and at INFO
    only if they persist.

    `cooldown` is a factor: after a run of n seconds the key waits `cooldown * n`
    seconds, at most 0.25 s. Waits below 0.05 s are skipped.
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
        #: Number of consecutive failures, by key.
        self._failures: dict[K, int] = {}
        self._threads: list[threading.Thread] = []

    def wake(self, key: K) -> None:
        """Reconcile `key` as soon as possible. Thread-safe; never blocks."""
        self._queue.add(key)

    def wake_at(self, key: K, when: float) -> None:
        """Reconcile `key` at `when`; replaces an earlier `wake_at` of the key."""
        self._clock.at((self.name, key), when, lambda: self._queue.add(key))

    def discard_pending(self, key: K) -> None:
        """Drop wake-ups of `key` received so far.

        For `reconcile`, when it is about to read the current state again.
        """
        self._queue.discard_pending(key)

    def step(self, timeout: float | None = 0) -> bool:
        """Reconcile one key. False if none was queued within `timeout` seconds."""
        key = self._queue.get(timeout)
        if key is None:
            return False
        started = self._clock.now()
        try:
            again_at = self._reconcile(key)
        except Exception as error:  # noqa: BLE001  the loop must survive any bug
            self._retry(key, error)
        else:
            self._failures.pop(key, None)
            if again_at is None:
                self._clock.cancel((self.name, key))
            else:
                self.wake_at(key, again_at)
        finally:
            self._done(key, started)
        return True

    def _done(self, key: K, started: float) -> None:
        now = self._clock.now()
        wait = min((now - started) * self._cooldown, _MAX_COOLDOWN_SECONDS)
        if wait < _MIN_COOLDOWN_SECONDS:
            self._queue.done(key)
            return
        # Until then no worker gets the key, and wake-ups of it are merged.
        done = ("cooldown", self.name, key)
        self._clock.at(done, now + wait, lambda: self._queue.done(key))

    def _retry(self, key: K, error: Exception) -> None:
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        wait = backoff.delay(
            failures, first=_FIRST_RETRY_SECONDS, maximum=_MAX_RETRY_SECONDS
        )
        if isinstance(error, self._expected):
            is_persistent = failures >= _PERSISTENT_FAILURES
            level = logging.INFO if is_persistent else logging.DEBUG
            text = "%s %s: %s; retrying in %.3g s"
            _log.log(level, text, self.name, key, error, wait)
        else:
            _log.exception("%s %s failed; retrying in %.3g s", self.name, key, wait)
        self.wake_at(key, self._clock.now() + wait)

    def start(self, workers: int = 1) -> None:
        """Start `workers` threads, which run until `stop`."""
        for number in range(workers):
            thread = threading.Thread(
                target=self._run, name=f"{self.name}-{number}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    @property
    def is_alive(self) -> bool:
        """Whether all started worker threads are running."""
        return all(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while self.step(timeout=None):
            pass

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until the queue is empty and all workers are idle; ignores timers.

        False after `timeout` seconds.
        """
        return self._queue.drain(timeout)

    def stop(self, timeout: float = 5.0) -> None:
        """Stop after the current keys; wait at most `timeout` seconds per worker."""
        self._queue.close()
        for thread in self._threads:
            thread.join(timeout)
