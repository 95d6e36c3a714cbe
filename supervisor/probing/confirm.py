"""Whether a failure without an answer counts, where the host may be the one that fails.

Rules
- A container on a remote host must not die for the network's trouble. So a failure in
  which nothing answered counts only if the host's engine answers right afterwards, a
  few times in a row and never late; otherwise the attempt is an error, and errors count
  as nothing.
- Late is what a packet that was lost costs at least, on top of the best time that there
  was so far: a long way to a host is no trouble.
- One look at the engine serves all failures that were there before it began.
- Containers that answer are never doubted, and cost nothing here.

Ours: a kubelet has its containers on its own host.
"""

import threading
import time
from collections.abc import Callable

from supervisor.probing.base import Attempt, Outcome
from supervisor.runtime.base import RuntimeFailure

_LOOKS = 5
"""Finds a network that loses 30 % of its packets in 97 of 100 cases."""
_LATE_SECONDS = 0.2
"""Linux sends a lost packet again after this time at the earliest."""
_LONGEST_SECONDS = 2.0
Done = Callable[[Attempt], None]


class Confirmation:
    def __init__(
        self,
        ping: Callable[[], None],
        in_background: Callable[[Callable[[], None]], object],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ping` returns when the engine answers, and may block."""
        self._ping = ping
        self._in_background = in_background
        self._now = now
        self._lock = threading.Lock()
        self._waiting: list[tuple[Attempt, Done]] = []
        self._is_looking = False
        self._best = _LONGEST_SECONDS

    def confirm(self, attempt: Attempt, done: Done) -> None:
        """Call `done` with what `attempt` amounts to; at once if there is no doubt."""
        if attempt.outcome is not Outcome.FAILURE or attempt.heard:
            done(attempt)
            return
        with self._lock:
            self._waiting.append((attempt, done))
            if self._is_looking:
                return
            self._is_looking = True
        self._in_background(self._look)

    def _look(self) -> None:
        while True:
            with self._lock:
                batch, self._waiting = self._waiting, []
                if not batch:
                    self._is_looking = False
                    return
            trouble = self._trouble()
            for attempt, done in batch:
                done(_doubted(attempt, trouble) if trouble else attempt)

    def _trouble(self) -> str:
        worst = 0.0
        for _ in range(_LOOKS):
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


def _doubted(attempt: Attempt, trouble: str) -> Attempt:
    text = f"{attempt.output} (not counted, since the host has trouble: {trouble})"
    return Attempt(Outcome.ERROR, text)
