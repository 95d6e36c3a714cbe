"""Whose turn it is to have a sandbox started: so many pods at a time, in a row.

An engine that is asked for thirty sandboxes at once takes longer for all of them than
one that is asked for a few at a time, and the first pod then runs when the last does.

Rules
- Who must wait holds no thread: it is woken when its turn has come.
- A turn that was given is given back, whatever became of the pod.
- Only sandboxes take start_limiter: the restart of a container waits for nobody.
"""

import threading
from collections.abc import Callable

MOST = 4
"""More are no faster on two cores, and fewer leave an engine far away idle."""


class StartLimiter:
    """`wake(pod uid)` is called when the turn of a pod that had to wait has come."""

    def __init__(self, wake: Callable[[str], None], most: int = MOST) -> None:
        self._wake = wake
        self._most = most
        self._lock = threading.Lock()
        #: Pods whose turn it is.
        self._on_turn: set[str] = set()
        #: Pods that wait, in order. A dict for a set that keeps it.
        self._waiting: dict[str, None] = {}

    def take(self, pod_uid: str) -> bool:
        """Whether it is this pod's turn; if not, it waits for it from now on."""
        with self._lock:
            if pod_uid in self._on_turn:
                return True
            if len(self._on_turn) < self._most:
                self._on_turn.add(pod_uid)
                return True
            self._waiting[pod_uid] = None
            return False

    def give_back(self, pod_uid: str) -> None:
        """Let the next one have the turn of this pod, if it has one."""
        with self._lock:
            if pod_uid not in self._on_turn:
                return
            self._on_turn.discard(pod_uid)
            following = next(iter(self._waiting), None)
            if following is not None:
                del self._waiting[following]
                self._on_turn.add(following)
        if following is not None:
            self._wake(following)
