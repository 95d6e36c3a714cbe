"""A deduplicating queue of keys.

Contract, from client-go/util/workqueue/doc.go
- Fair: keys are processed in the order in which they were added.
- Stingy: a key is never processed by two workers at once. A key added several times
  before it is processed is processed once; one added during processing, once more.
- Multiple producers and consumers; a worker may add the key that it processes.
- A worker that is about to read the current state may call `discard_pending`.
- Shutdown: after `close`, `get` returns the queued keys and then None.
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
        #: Notified when no key is queued or being processed.
        self._idle = threading.Condition(lock)
        #: Queued keys in order; disjoint from `_processing`.
        self._waiting: deque[K] = deque()
        #: Keys to be processed: all of `_waiting`, and those of `_processing` that were
        #: added again.
        self._dirty: set[K] = set()
        #: Keys that a worker is processing.
        self._processing: set[K] = set()
        self._closed = False

    def add(self, key: K) -> None:
        """Queue `key`. Ignored after `close`."""
        with self._changed:
            if self._closed or key in self._dirty:
                return
            self._dirty.add(key)
            if key not in self._processing:
                self._waiting.append(key)
                self._changed.notify()

    def get(self, timeout: float | None = None) -> K | None:
        """Wait for the next key; None after `close`, or after `timeout` seconds.

        The caller must call `done` with the key.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed, timeout)
            if not self._waiting:
                return None
            key = self._waiting.popleft()
            self._dirty.discard(key)
            self._processing.add(key)
            return key

    def discard_pending(self, key: K) -> None:
        """Undo the `add` calls for `key` since the caller got it."""
        with self._changed:
            if key in self._processing:
                self._dirty.discard(key)

    def done(self, key: K) -> None:
        """Mark `key` as processed, successfully or not."""
        with self._changed:
            self._processing.discard(key)
            if key in self._dirty:
                self._waiting.append(key)
                self._changed.notify()
            elif self._is_idle():
                self._idle.notify_all()

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until no key is queued or being processed; False after `timeout` s."""
        with self._idle:
            return self._idle.wait_for(self._is_idle, timeout)

    def _is_idle(self) -> bool:
        return not self._waiting and not self._processing

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        """The number of queued keys."""
        with self._changed:
            return len(self._waiting)
