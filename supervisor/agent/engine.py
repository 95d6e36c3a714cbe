"""Whether the engine answers: said once when it goes, and once when it comes back."""

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)


class EngineHealth:
    """`changed()` is called at each of the two."""

    def __init__(self, node_name: str, changed: Callable[[], None]) -> None:
        self._node_name = node_name
        self._changed = changed
        self._lock = threading.Lock()
        #: What the engine's last failure said; empty while it answers.
        self._error = ""

    @property
    def error(self) -> str:
        with self._lock:
            return self._error

    def lost(self, error: Exception) -> None:
        """Note that the engine did not answer."""
        with self._lock:
            news = not self._error
            self._error = str(error) or type(error).__name__
        if news:
            _log.warning("the engine of %s does not answer: %s", self._node_name, error)
            self._changed()

    def found(self) -> None:
        """Note that the engine has answered."""
        with self._lock:
            news, self._error = bool(self._error), ""
        if news:
            _log.info("the engine of %s answers again", self._node_name)
            self._changed()
