"""Who wants to be woken by changes of which resource."""

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)


class Subscribers:
    """A list of callables per resource; all methods may be called from any thread."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        #: Tuples are replaced, never changed, so `wake` reads them without the lock.
        self._wakes: dict[str, tuple[Callable[[], None], ...]] = {}

    def add(self, resource: str, wake: Callable[[], None]) -> Callable[[], None]:
        # Equal callables of two subscribers must stay two.
        own = _Wake(wake)
        with self._changing:
            self._wakes[resource] = (*self._wakes.get(resource, ()), own)

        def remove() -> None:
            with self._changing:
                left = tuple(w for w in self._wakes.get(resource, ()) if w is not own)
                self._wakes[resource] = left

        return remove

    def wake(self, resource: str) -> None:
        for wake in self._wakes.get(resource, ()):
            try:
                wake()
            except Exception:  # noqa: BLE001  the change is on disk already
                _log.exception("a subscriber to %s failed", resource)


class _Wake:
    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    def __call__(self) -> None:
        self._wake()
