"""The end of the process: asked for by SIGTERM or SIGINT, and reached within seconds.

Rules
- From the signal on there is a limit for the whole end, whatever the process is doing:
  starting, waiting for an engine, a disk or a client. What is not done by then is left
  as it is. That is as safe as SIGKILL: nothing is acknowledged before it is on disk,
  and the next start reads everything else from the engines.
- No thread holds up the end. Python joins the threads of pools at exit, also those that
  wait for an engine, so the process leaves without that.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable

LIMIT_SECONDS = 2.5
"""Between the signal and the end."""
_LAST_WORDS_SECONDS = 0.2
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_log = logging.getLogger(__name__)


class Shutdown:
    """One for the process; made before any other thread, in the main one."""

    def __init__(self, limit_seconds: float = LIMIT_SECONDS) -> None:
        self._limit = limit_seconds
        self._asked = threading.Event()
        # Waited for instead of handled: another thread may be given the signal, and
        # then a handler runs only when the main thread wakes up, which it never would.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        threading.Thread(target=self._watch, name="end", daemon=True).start()

    def wait(self, timeout: float | None = None) -> bool:
        """Whether the end has been asked for, waiting for that."""
        return self._asked.wait(timeout)

    def leave(self, status: int) -> None:
        """End the process now, without waiting for any thread."""
        _leave(status, logging.shutdown)

    def _watch(self) -> None:
        signal.sigwait(_SIGNALS)
        self._asked.set()
        threading.Event().wait(self._limit)
        _leave(0, _tell_what_is_left)


def _leave(status: int, last_words: Callable[[], None]) -> None:
    # In a thread of its own: whoever reads our output may have stopped reading.
    words = threading.Thread(target=_say, args=(last_words,), daemon=True)
    words.start()
    words.join(_LAST_WORDS_SECONDS)
    os._exit(status)


def _say(last_words: Callable[[], None]) -> None:
    last_words()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def _tell_what_is_left() -> None:
    names = sorted({t.name for t in threading.enumerate()} - {"MainThread", "end"})
    _log.warning("not all has ended in time; left as it is: %s", ", ".join(names))
