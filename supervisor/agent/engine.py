"""Whether the engine answers: said once when it goes, and once when it comes back."""

import logging
import threading

_log = logging.getLogger(__name__)


class EngineHealth:
    def __init__(self, node_name: str) -> None:
        self._node_name = node_name
        self._lock = threading.Lock()
        #: What the engine's last failure said; empty while it answers.
        self._error = ""

    @property
    def error(self) -> str:
        with self._lock:
            return self._error

    def lost(self, error: Exception) -> bool:
        """Note that the engine did not answer; True if it did until now."""
        with self._lock:
            news = not self._error
            self._error = str(error) or type(error).__name__
        if news:
            _log.warning("the engine of %s does not answer: %s", self._node_name, error)
        return news

    def found(self) -> bool:
        """Note that the engine has answered; True if it did not until now."""
        with self._lock:
            news, self._error = bool(self._error), ""
        if news:
            _log.info("the engine of %s answers again", self._node_name)
        return news
