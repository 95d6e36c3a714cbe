"""A controller whose threads grow with the work: one more than there are busy ones.

So a pod that takes half a minute to stop holds one thread and delays nobody, and a
quiet node has one: threads that have been idle for half a minute end.
"""

import threading

from supervisor.machinery.clock import Clock
from supervisor.machinery.controller import Controller, Reconcile
from supervisor.machinery.thread_pool import IDLE_SECONDS


class Pool:
    """Runs `reconcile` with up to `most` threads, which come and go with the work."""

    def __init__(
        self,
        name: str,
        reconcile: Reconcile[str],
        clock: Clock,
        *,
        most: int,
        expected: tuple[type[Exception], ...] = (),
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self.controller: Controller[str] = Controller(
            name, self._busily, clock, expected=expected
        )
        self._reconcile = reconcile
        self._most = most
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._busy = 0
        self._running = False

    def start(self) -> None:
        with self._lock:
            self._running = True
            self._grow()

    def stop(self, timeout: float = 5.0) -> None:
        """Begin nothing new; wait that long for those who are busy."""
        with self._lock:
            self._running = False
            threads = list(self._threads)
        self.controller.stop(0)
        for thread in threads:
            thread.join(timeout / len(threads))

    def _busily(self, key: str) -> float | None:
        with self._lock:
            self._busy += 1
            self._grow()
        try:
            return self._reconcile(key)
        finally:
            with self._lock:
                self._busy -= 1

    def _grow(self) -> None:
        """Have one idle thread. Needs the lock."""
        count = len(self._threads)
        if not self._running or self._busy < count or count >= self._most:
            return
        name = f"{self.controller.name}-{count}"
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while True:
            if self.controller.step(timeout=self._idle_seconds):
                continue
            with self._lock:
                # One stays idle, so that the next key finds somebody.
                is_spare = len(self._threads) > self._busy + 1
                if is_spare or not self._running:
                    self._threads.remove(threading.current_thread())
                    return
