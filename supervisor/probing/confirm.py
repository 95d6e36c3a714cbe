"""Decide whether a failure without an answer is the pod's or the network's.

Rules
- A container on a remote host must not be killed because of network trouble. So a
  failure without an answer counts only if the host's engine answers right afterwards, a
  few times in a row and never late. Otherwise the attempt is an error, and ignored.
- An answer is late if it takes as long as a lost packet costs at least, on top of the
  best time so far: latency itself is no trouble.
- One check of the engine serves all failures that were reported before it began.
- Failures with an answer are not checked.

Kubernetes has no equivalent: a kubelet runs on the host of its containers.
"""

import threading
import time
from collections.abc import Callable

from supervisor.probing.base import Attempt, Outcome
from supervisor.runtime.base import RuntimeFailure

_PINGS = 5
"""Detects a network that loses 30 % of its packets with a probability of 97 %."""
_LATE_SECONDS = 0.2
"""The minimum retransmission timeout of Linux."""
_LONGEST_SECONDS = 2.0
Done = Callable[[Attempt], None]


class Confirmation:
    def __init__(
        self,
        ping: Callable[[], None],
        in_background: Callable[[Callable[[], None]], object],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ping` returns when the engine answers and may block."""
        self._ping = ping
        self._in_background = in_background
        self._now = now
        self._lock = threading.Lock()
        self._waiting: list[tuple[Attempt, Done]] = []
        self._is_checking = False
        self._best = _LONGEST_SECONDS

    def confirm(self, attempt: Attempt, done: Done) -> None:
        """Call `done` with the attempt, as an error if the host has trouble."""
        if attempt.outcome is not Outcome.FAILURE or attempt.answered:
            done(attempt)
            return
        with self._lock:
            self._waiting.append((attempt, done))
            if self._is_checking:
                return
            self._is_checking = True
        self._in_background(self._check)

    def _check(self) -> None:
        while True:
            with self._lock:
                batch, self._waiting = self._waiting, []
                if not batch:
                    self._is_checking = False
                    return
            trouble = self._trouble()
            for attempt, done in batch:
                done(_as_error(attempt, trouble) if trouble else attempt)

    def _trouble(self) -> str:
        worst = 0.0
        for _ in range(_PINGS):
            begun = self._now()
            try:
                self._ping()
            except RuntimeFailure as error:
                return str(error)
            took = self._now() - begun
            self._best, worst = min(self._best, took), max(worst, took)
            if worst > min(self._best + _LATE_SECONDS, _LONGEST_SECONDS):
                return f"it took {worst:.1f}s to answer"
        return ""


def _as_error(attempt: Attempt, trouble: str) -> Attempt:
    text = f"{attempt.output} (not counted, since the host has trouble: {trouble})"
    return Attempt(Outcome.ERROR, text)
