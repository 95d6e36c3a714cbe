"""Look after the store's file: tell what is wrong with it, return to it, save copies.

Rules
- A file that is removed, replaced, or cannot be written is told in the log within
  seconds, also when nobody writes; so is its end.
- When a full disk has room again, what was kept in memory is written.
"""

import logging

from supervisor.app.snapshots import Snapshots
from supervisor.machinery.clock import Clock
from supervisor.machinery.controller import Controller
from supervisor.store.sqlite.store import SqliteStore

_LOOK_SECONDS = 2.0
_FIRST_SNAPSHOT_SECONDS = 60.0
"""Starting comes first."""
_FILE, _SNAPSHOT = "file", "snapshot"
_log = logging.getLogger(__name__)


class StoreMonitor:
    def __init__(self, store: SqliteStore, snapshots: Snapshots, clock: Clock) -> None:
        self._store = store
        self._snapshots = snapshots
        self._clock = clock
        self._told = ""
        self.controller: Controller[str] = Controller("store", self.look, clock)

    def start(self) -> None:
        self.controller.wake(_FILE)
        first = self._clock.now() + _FIRST_SNAPSHOT_SECONDS
        self.controller.wake_at(_SNAPSHOT, first)
        self.controller.start()

    def stop(self) -> None:
        self.controller.stop()
        # A last chance to keep what is in memory only.
        self._store.write_back()

    def look(self, key: str) -> float | None:
        now = self._clock.now()
        if key == _SNAPSHOT:
            return self._snapshots.look(now)
        self._store.write_back()
        trouble = self._store.unwritable_reason()
        if trouble and trouble != self._told:
            _log.error("%s; until that is mended, writes of users are refused", trouble)
        elif self._told and not trouble:
            _log.warning("the store can be written again")
        self._told = trouble
        return now + _LOOK_SECONDS
