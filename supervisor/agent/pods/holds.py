"""What went wrong at the last start of each container, and when to try again.

The only thing that the agent keeps in memory alone: forgetting it means trying at once.
"""

import threading
from collections.abc import Callable, Mapping

from supervisor.agent.pods.failures import StartFailed
from supervisor.agent.pods.plan import Hold
from supervisor.machinery.clock import Clock


class Holds:
    """`released(pod uid)` is called when somebody lifts a hold before its time."""

    def __init__(self, clock: Clock, released: Callable[[str], None]) -> None:
        self._clock = clock
        self._released = released
        self._lock = threading.Lock()
        #: By pod uid and container name. Inner mappings are replaced, never changed.
        self._holds: dict[str, Mapping[str, Hold]] = {}

    def of(self, pod_uid: str) -> Mapping[str, Hold]:
        with self._lock:
            return self._holds.get(pod_uid, {})

    def put(
        self, pod_uid: str, container: str, error: StartFailed, image: str = ""
    ) -> None:
        """`image` is the one that was to be started."""
        until = self._clock.now() + error.retry_seconds
        hold = Hold(error.reason, error.message, until, image)
        with self._lock:
            mine = self._holds.get(pod_uid, {})
            self._holds[pod_uid] = {**mine, container: hold}

    def drop(self, pod_uid: str, container: str) -> None:
        """It has started."""
        with self._lock:
            mine = self._holds.get(pod_uid)
            if mine is None or container not in mine:
                return
            rest = {name: hold for name, hold in mine.items() if name != container}
            if rest:
                self._holds[pod_uid] = rest
            else:
                del self._holds[pod_uid]

    def release(self, pod_uid: str, container: str) -> None:
        """What was waited for has come: plan again now."""
        self.drop(pod_uid, container)
        self._released(pod_uid)

    def forget(self, pod_uid: str) -> None:
        with self._lock:
            self._holds.pop(pod_uid, None)
