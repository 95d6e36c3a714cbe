"""The one owner of time: what the instant is, and waking at a later one.

Rules
- Instants are seconds since the epoch. They follow the machine's monotonic clock, from
  the wall clock's reading at start. When the wall clock is set back or forth later,
  `resync` puts the timers right within seconds; until then one may come early or late.
- A timer has a key; setting the key again replaces the timer. A timer's callback only
  adds a key to a queue or wakes an event, so it never blocks the thread of timers.
- Late timers run: APScheduler would drop them after a second by default.

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
_GUARD_SECONDS = 5.0
_MAX_AHEAD_SECONDS = 100 * 365 * 24 * 3600.0
"""Users may ask for any number of seconds; dates end with the year 9999."""
_TOLERATED_SECONDS = 0.5
_log = logging.getLogger(__name__)
_scheduler_log = logging.getLogger(f"{__name__}.scheduler")
# It warns of each call that is left out since the one before is late, as on a busy
# machine; `every` promises no more than that.
_scheduler_log.setLevel(logging.ERROR)


class Clock(Protocol):
    """Time as an argument. Every method may be called from any thread."""

    def now(self) -> float:
        """Seconds since the epoch; never goes back."""

    def at(self, key: Hashable, when: float, wake: Callable[[], None]) -> None:
        """Call `wake` once at `when` (at once if past), replacing `key`'s timer."""

    def every(
        self, key: Hashable, first: float, period: float, wake: Callable[[], None]
    ) -> None:
        """Call `wake` at `first` and then every `period` seconds, replacing as `at`.

        Calls that are late by more than a period are made once; the phase stays.
        """

    def cancel(self, key: Hashable) -> None:
        """Forget `key`'s timer; nothing happens if there is none."""


class SystemClock:
    """The real clock, with APScheduler behind it, which goes by the wall clock."""

    def __init__(self, *, wall: Callable[[], float] = time.time) -> None:
        self._read_wall = wall
        self._offset = wall() - time.monotonic()
        # A thread of its own calls `wake`: the scheduler's holds a lock meanwhile that
        # `at` and `cancel` need too.
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults=_JOB_DEFAULTS,
            timezone=UTC,
            logger=_scheduler_log,
        )
        self._scheduler.start()
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        #: The job of each key whose timer has not fired. A key gets a new job each
        #: time: APScheduler removes a job by its id only after it has run, and would
        #: take away a timer that the job has set for the same key meanwhile.
        self._jobs: dict[Hashable, str] = {}
        #: How far the wall clock was ahead of `now` when it was last looked at.
        self._drift = 0.0
        self._closing = threading.Event()
        guard = threading.Thread(target=self._guard, name="clock-guard", daemon=True)
        guard.start()

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
        """APScheduler compares with the wall clock, so `when` is moved over to it."""
        late = min(max(when - self.now(), 0.0), _MAX_AHEAD_SECONDS)
        return datetime.fromtimestamp(self._read_wall() + late, UTC)

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
        with suppress(JobLookupError):  # it may be just running
            self._scheduler.remove_job(job)

    def close(self) -> None:
        """Stop all timers; those due later never run."""
        self._closing.set()
        # A scheduler that is shut down amid a pass over its jobs dies of it: let the
        # pass end, which holds the lock that reading the jobs needs.
        self._scheduler.pause()
        self._scheduler.get_jobs()
        self._scheduler.shutdown(wait=False)

    def resync(self) -> None:
        """Follow a wall clock that was set: move the jobs by as much."""
        with self._lock:
            drift = self._read_wall() - self.now()
            moved = drift - self._drift
            if abs(moved) < _TOLERATED_SECONDS:
                return
            self._drift = drift
        _log.warning("the wall clock was set by %.1f s", moved)
        for job in self._scheduler.get_jobs():
            with suppress(JobLookupError):
                due = job.next_run_time + timedelta(seconds=moved)
                self._scheduler.modify_job(job.id, next_run_time=due)

    def _guard(self) -> None:
        while not self._closing.wait(_GUARD_SECONDS):
            self.resync()
