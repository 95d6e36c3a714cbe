"""Whether the engine answers: said once when it goes, and once when it comes back.

Rules
- One question without an answer is no loss: packets get lost, and engines are slow. The
  engine is away when nothing at all has been answered for the patience.
- An agent that has never had an answer does not wait for that.
- While the engine is away nobody but the heart asks it anything, so that nothing hangs
  on dead connections when it is back.
"""

import logging
import threading
from collections.abc import Callable
from math import inf

from supervisor.machinery.clock import Clock
from supervisor.runtime.base import EngineUnavailable

RETRY_SECONDS = 5.0
"""How long work waits that found the engine away."""
_log = logging.getLogger(__name__)


class EngineHealth:
    """`changed()` is called at each of the two."""

    def __init__(
        self,
        node_name: str,
        clock: Clock,
        changed: Callable[[], None],
        *,
        patience_seconds: float,
    ) -> None:
        self._node_name = node_name
        self._clock = clock
        self._changed = changed
        self._patience_seconds = patience_seconds
        self._lock = threading.Lock()
        self._answered_at = -inf
        #: What the engine's last failure said; empty while it answers.
        self._error = ""
        self._away = False

    @property
    def error(self) -> str:
        """Why the engine is away; empty while it is not."""
        with self._lock:
            return self._error if self._away else ""

    def require(self) -> None:
        """Raises EngineUnavailable while the engine is away."""
        if error := self.error:
            raise EngineUnavailable(error)

    def lost(self, error: Exception) -> None:
        """Note that the engine did not answer."""
        with self._lock:
            self._error = str(error) or type(error).__name__
            silence = self._clock.now() - self._answered_at
            news = not self._away and silence >= self._patience_seconds
            self._away = self._away or news
        if news:
            _log.warning("the engine of %s does not answer: %s", self._node_name, error)
            self._changed()

    def found(self) -> None:
        """Note that the engine has answered."""
        with self._lock:
            self._answered_at = self._clock.now()
            news, self._away, self._error = self._away, False, ""
        if news:
            _log.info("the engine of %s answers again", self._node_name)
            self._changed()
