"""A pull that takes as long as a test wants it to."""

import queue
import threading
from collections.abc import Callable

_MAX_SECONDS = 10.0


class SlowPull:
    """The engine `take`s part in its own thread; the test says what happens."""

    def __init__(self) -> None:
        self._begun = threading.Semaphore(0)
        self._words: queue.Queue[str] = queue.Queue()

    def begins(self) -> None:
        """Wait until a pull of the image has begun."""
        assert self._begun.acquire(timeout=_MAX_SECONDS), "no pull has begun"

    def answers(self) -> None:
        """The registry answers: the pull makes progress."""
        self._words.put("progress")
        self._words.join()

    def ends(self) -> None:
        """The pull ends as the engine's settings for this image say."""
        self._words.put("")

    def take(self, progress: Callable[[], None]) -> None:
        """The engine's side: return at the end of the wait."""
        self._begun.release()
        while True:
            word = self._words.get(timeout=_MAX_SECONDS)
            if word:
                progress()
            self._words.task_done()
            if not word:
                return
