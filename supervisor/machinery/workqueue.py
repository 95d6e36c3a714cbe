"""A queue of keys: fair, stingy, and never two workers on one key.

Contract, as of client-go/util/workqueue/doc.go
- Fair: keys leave in the order in which they were added.
- Stingy: a key is never handed to two workers at once; added many times before a worker
  takes it, it is handed out once; added while a worker has it, once more afterwards.
- Many producers, many consumers; a worker may add the key that it works on.
- A worker that is about to read the present may `absorb` what was added until then.
- Shutdown: `get` hands out what is queued, then answers None.
"""

import threading
from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class WorkQueue(Generic[K]):
    def __init__(self) -> None:
        lock = threading.Lock()
        self._changed = threading.Condition(lock)
        #: Notified when no key is waiting or worked on.
        self._idle = threading.Condition(lock)
        #: Keys in order; disjoint from `_working`.
        self._waiting: deque[K] = deque()
        #: Keys that want work: all of `_waiting`, and some of `_working`.
        self._dirty: set[K] = set()
        #: Keys that a worker has.
        self._working: set[K] = set()
        self._closed = False

    def add(self, key: K) -> None:
        """Ask for `key` to be worked on. Ignored after `close`."""
        with self._changed:
            if self._closed or key in self._dirty:
                return
            self._dirty.add(key)
            if key not in self._working:
                self._waiting.append(key)
                self._changed.notify()

    def get(self, timeout: float | None = None) -> K | None:
        """The next key, waiting for one; None after `close` or `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed, timeout)
            if not self._waiting:
                return None
            key = self._waiting.popleft()
            self._dirty.discard(key)
            self._working.add(key)
            return key

    def discard_pending(self, key: K) -> None:
        """Forget that `key`, which the caller works on, was added meanwhile."""
        with self._changed:
            if key in self._working:
                self._dirty.discard(key)

    def done(self, key: K) -> None:
        """The worker that got `key` has finished with it, well or badly."""
        with self._changed:
            self._working.discard(key)
            if key in self._dirty:
                self._waiting.append(key)
                self._changed.notify()
            elif self._is_idle():
                self._idle.notify_all()

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until no key is waiting or worked on; False after `timeout` seconds."""
        with self._idle:
            return self._idle.wait_for(self._is_idle, timeout)

    def _is_idle(self) -> bool:
        return not self._waiting and not self._working

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        """Keys waiting for a worker."""
        with self._changed:
            return len(self._waiting)
