"""The current time, and timers.

Rules
- Times are seconds since the epoch. They follow the monotonic clock, starting from the
  wall clock's reading at start. If the wall clock is set later, `resync` corrects the
  timers within seconds; until then a timer may fire early or late.
- A timer has a key; setting a key again replaces its timer. A callback only adds a key
  to a queue or sets an event, so it never blocks the timer thread.
- Late timers still fire: by default APScheduler drops a timer that is a second late.

Tests use `tests.fakes.clock.FakeClock`, which passes the same contract suite.
"""

import itertools
import logging
import threading
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

_JOB_DEFAULTS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
_RESYNC_SECONDS = 5.0
_MAX_AHEAD_SECONDS = 100 * 365 * 24 * 3600.0
"""Users may ask for any number of seconds, but `datetime` ends with the year 9999."""
_MAX_DRIFT_SECONDS = 0.5
"""Smaller changes of the wall clock are ignored."""
_log = logging.getLogger(__name__)
_scheduler_log = logging.getLogger(f"{__name__}.scheduler")
# APScheduler warns about each skipped call of a periodic timer, as on a busy machine;
# `every` documents that late calls are merged.
_scheduler_log.setLevel(logging.ERROR)


class Clock(Protocol):
    """Time as an argument. All methods are thread-safe."""

    def now(self) -> float:
        """Seconds since the epoch; never goes back."""

    def at(self, key: Hashable, when: float, wake: Callable[[], None]) -> None:
        """Call `wake` once at `when`, or now if past; replaces `key`'s timer."""

    def every(
        self, key: Hashable, first: float, period: float, wake: Callable[[], None]
    ) -> None:
        """Call `wake` at `first` and then every `period` seconds; replaces `key`'s
        timer.

        Calls that are late by more than a period are merged into one; later calls keep
        the original phase.
        """

    def cancel(self, key: Hashable) -> None:
        """Remove `key`'s timer, if there is one."""


class SystemClock:
    """The real clock. Its timers run on APScheduler, which uses the wall clock."""

    def __init__(self, *, wall: Callable[[], float] = time.time) -> None:
        self._read_wall = wall
        self._offset = wall() - time.monotonic()
        # `wake` is called in a separate thread: the scheduler's own thread holds a lock
        # that `at` and `cancel` need.
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults=_JOB_DEFAULTS,
            timezone=UTC,
            logger=_scheduler_log,
        )
        self._scheduler.start()
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        #: Job id by key, for timers that have not fired. Each timer gets a new job id:
        #: APScheduler removes a job by id only after it has run, which would remove a
        #: timer that the callback has set for the same key.
        self._jobs: dict[Hashable, str] = {}
        #: Wall clock minus `now`, in seconds, when `resync` last ran.
        self._drift = 0.0
        self._closing = threading.Event()
        threading.Thread(
            target=self._resync_forever, name="clock-resync", daemon=True
        ).start()

    def now(self) -> float:
        return time.monotonic() + self._offset

    def at(self, key: Hashable, when: float, wake: Callable[[], None]) -> None:
        trigger = DateTrigger(self._wall(when), timezone=UTC)
        self._add(key, trigger, lambda job: self._fire(key, job, wake))

    def every(
        self, key: Hashable, first: float, period: float, wake: Callable[[], None]
    ) -> None:
        start = self._wall(first)
        trigger = IntervalTrigger(seconds=period, start_date=start, timezone=UTC)
        self._add(key, trigger, lambda job: wake())

    def _wall(self, when: float) -> datetime:
        """`when` as a reading of the wall clock, which APScheduler compares with."""
        ahead = min(max(when - self.now(), 0.0), _MAX_AHEAD_SECONDS)
        return datetime.fromtimestamp(self._read_wall() + ahead, UTC)

    def _add(
        self, key: Hashable, trigger: BaseTrigger, run: Callable[[str], None]
    ) -> None:
        job = str(next(self._numbers))
        with self._lock:
            before, self._jobs[key] = self._jobs.get(key), job
        self._remove(before)
        self._scheduler.add_job(run, trigger, args=(job,), id=job, name=job)

    def _fire(self, key: Hashable, job: str, wake: Callable[[], None]) -> None:
        with self._lock:
            if self._jobs.get(key) != job:
                return  # cancelled or replaced while it was about to run
            del self._jobs[key]
        wake()

    def cancel(self, key: Hashable) -> None:
        with self._lock:
            job = self._jobs.pop(key, None)
        self._remove(job)

    def _remove(self, job: str | None) -> None:
        if job is None:
            return
        with suppress(JobLookupError):  # it may be running at this moment
            self._scheduler.remove_job(job)

    def close(self) -> None:
        """Stop all timers; pending ones never fire."""
        self._closing.set()
        # Shutting the scheduler down while it iterates over its jobs makes its thread
        # fail. `get_jobs` needs the lock held by that iteration, so it waits for it.
        self._scheduler.pause()
        self._scheduler.get_jobs()
        self._scheduler.shutdown(wait=False)

    def resync(self) -> None:
        """If the wall clock was set, move all timers by the same amount."""
        with self._lock:
            drift = self._read_wall() - self.now()
            moved = drift - self._drift
            if abs(moved) < _MAX_DRIFT_SECONDS:
                return
            self._drift = drift
        _log.warning("the wall clock was moved by %.1f s", moved)
        for job in self._scheduler.get_jobs():
            with suppress(JobLookupError):
                due = job.next_run_time + timedelta(seconds=moved)
                self._scheduler.modify_job(job.id, next_run_time=due)

    def _resync_forever(self) -> None:
        while not self._closing.wait(_RESYNC_SECONDS):
            self.resync()
