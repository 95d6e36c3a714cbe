"""Whether a failure without an answer counts, where the host may be the one that fails.

Rules
- A container on a remote host must not die for the network's trouble. So a failure in
  which nothing answered counts only if the host's engine answers right afterwards, and
  promptly; otherwise the attempt is an error, and errors count as nothing.
- One look at the engine serves all failures that were there before it began.
- Containers that answer are never doubted, and cost nothing here.

Ours: a kubelet has its containers on its own host.
"""

import threading
import time
from collections.abc import Callable

from supervisor.probing.base import Attempt, Outcome
from supervisor.runtime.base import RuntimeFailure

_PROMPT_SECONDS = 2.0
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
        begun = self._now()
        try:
            self._ping()
        except RuntimeFailure as error:
            return str(error)
        took = self._now() - begun
        return f"it took {took:.1f}s to answer" if took > _PROMPT_SECONDS else ""


def _doubted(attempt: Attempt, trouble: str) -> Attempt:
    text = f"{attempt.output} (not counted, since the host has trouble: {trouble})"
    return Attempt(Outcome.ERROR, text)
