"""Watches: the log of the store, seen through a selection.

Rules
- A watch is woken by the store and reads the log; it holds no objects in memory beyond
  one batch of bounded size, so a slow reader costs nothing but the age of its place in
  the log.
- An object that comes into the selection by a change is ADDED, one that leaves it
  DELETED, as it was before but with the change's resourceVersion.
- A watch from nowhere (`since` empty or "0") begins with what there is, as ADDED.
- A place that the log no longer reaches is 410: at once when the watch begins, else as
  an ERROR event, which is the last.
- While nothing happens, a bookmark about every minute moves the reader's place on.

Follows apiserver/pkg/storage/cacher/cache_watcher.go.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

from supervisor.api.registry.beginning import MAX_BYTES, Beginning
from supervisor.api.registry.records import Records, to_object, translated
from supervisor.api.registry.selecting import Selection
from supervisor.client.base import WatchEvent
from supervisor.kinds.base import Kind
from supervisor.model.errors import ApiError, bad_request
from supervisor.model.meta import Object
from supervisor.store.base import Change, ChangeType, Store

BOOKMARK_SECONDS = 60.0
#: Small, since one object may have more than a megabyte.
_BATCH = 25


class WatchCursor:
    """A place in the log; `poll` answers what has happened since, and moves on.

    Used by one thread at a time, any thread; `poll` reads and never waits.
    """

    def __init__(
        self,
        records: Records,
        kind: Kind,
        namespace: str,
        selection: Selection,
        *,
        since: str,
        initial: bool = False,
    ) -> None:
        self._store: Store = records.store
        self._identity = kind.identity
        self._resource = kind.identity.resource
        self._namespace = namespace
        self._selection = selection
        self._ended = False
        #: What there was when the watch began; None when it follows a list.
        self._beginning: Beginning | None = None
        if initial or since in ("", "0"):
            self._beginning = self._begin()
            self._since = self._beginning.revision
        else:
            self._since = _parsed(since)
            # Refuses now, rather than in the middle, what the log no longer holds.
            self._changes(limit=1)

    def _begin(self) -> Beginning:
        with translated(self._resource, ""):
            return Beginning(
                self._store,
                self._resource,
                self._namespace,
                self._selection.where,
            )

    def _revision(self) -> int:
        with translated(self._resource, ""):
            return self._store.revision()

    def _changes(self, limit: int) -> Sequence[Change]:
        with translated(self._resource, ""):
            return self._store.changes(
                self._since, self._resource, self._namespace, limit=limit
            )

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Have `wake` called, in a writer's thread, whenever `poll` may have news."""
        return self._store.subscribe(self._resource, wake)

    def poll(self) -> list[WatchEvent]:
        """Up to a batch of events; none when there is nothing new.

        After an ERROR event there is nothing more.
        """
        if self._ended:
            return []
        if not self.begun and (first := self._take_initial()):
            return first
        events: list[WatchEvent] = []
        while not events:
            try:
                # Read first: all changes up to here are in what is read next.
                newest = self._revision()
                changes = self._changes(_BATCH)
            except ApiError as error:
                self._ended = True
                return [WatchEvent("ERROR", error.status())]
            size = 0
            for change in changes:
                event = self._seen(change)
                if event is not None:
                    events.append(event)
                    size += len(change.value)
                if size >= MAX_BYTES:
                    self._since = change.revision
                    return events
            if len(changes) < _BATCH:
                last = changes[-1].revision if changes else 0
                self._since = max(newest, last, self._since)
                return events
            self._since = changes[-1].revision
        return events

    def _take_initial(self) -> list[WatchEvent]:
        events: list[WatchEvent] = []
        while self._beginning and not events and not self._beginning.done:
            with translated(self._resource, ""):
                piece = self._beginning.take()
            objects = [
                to_object(self._identity, r.key, r.value, r.revision) for r in piece
            ]
            events = [
                WatchEvent("ADDED", o) for o in objects if self._selection.matches(o)
            ]
        return events

    def _seen(self, change: Change) -> WatchEvent | None:
        if change.type is ChangeType.DELETED and change.previous is None:
            return self._damaged(change)
        now = to_object(self._identity, change.key, change.value, change.revision)
        if self._beginning and not self._beginning.knew(change.key, change.revision):
            is_there = change.type is not ChangeType.DELETED
            is_in = is_there and self._selection.matches(now)
            return WatchEvent("ADDED", now) if is_in else None
        if self._selection.everything:
            return WatchEvent(change.type.value, now)
        before = (
            to_object(self._identity, change.key, change.previous, change.revision)
            if change.previous is not None
            else None
        )
        was_in = before is not None and self._selection.matches(before)
        is_in = change.type is not ChangeType.DELETED and self._selection.matches(now)
        if is_in:
            return WatchEvent("MODIFIED" if was_in else "ADDED", now)
        if was_in and before is not None:
            deleted = change.type is ChangeType.DELETED
            return WatchEvent("DELETED", now if deleted else before)
        return None

    def _damaged(self, change: Change) -> WatchEvent:
        """The end of a damaged object: only its name is known, and nobody knows who
        had seen it. Without a uid, a feed looks for the name."""
        key = change.key
        meta = {"name": key.name, "resourceVersion": str(change.revision)}
        if key.namespace:
            meta["namespace"] = key.namespace
        return WatchEvent("DELETED", self._identity.head | {"metadata": meta})

    @property
    def begun(self) -> bool:
        """Whether all that there was at the beginning has been handed out."""
        return self._beginning is None or self._beginning.done

    def bookmark(self) -> WatchEvent:
        """An event that says only how far the watch has come."""
        obj: Object = {
            "kind": self._identity.kind,
            "apiVersion": self._identity.api_version,
            "metadata": {
                "resourceVersion": str(self._since),
                "creationTimestamp": None,
            },
        }
        return WatchEvent("BOOKMARK", obj)


def _parsed(since: str) -> int:
    try:
        revision = int(since)
        if not 0 <= revision < 2**63 or not since.isascii():
            raise ValueError
    except ValueError:
        raise bad_request(
            f'Invalid value: "{since}": resourceVersion must be a number that a list '
            "or an object has given"
        ) from None
    return revision


class RegistryWatch:
    """A watch in this process: iterate in one thread, `close` from any."""

    def __init__(self, cursor: WatchCursor, timeout: float | None = None) -> None:
        self._cursor = cursor
        self._timeout = timeout
        self._woken = threading.Event()
        self._closed = threading.Event()
        self._unsubscribe = cursor.subscribe(self._woken.set)

    def __iter__(self) -> Iterator[WatchEvent]:
        ends_at = None if self._timeout is None else time.monotonic() + self._timeout
        idle = False
        try:
            while not self._closed.is_set():
                self._woken.clear()
                events = self._cursor.poll()
                if idle and not events:
                    events = [self._cursor.bookmark()]
                for event in events:
                    if self._closed.is_set():
                        return
                    yield event
                    if event.type == "ERROR":
                        return
                if events and not idle:
                    continue
                wait = BOOKMARK_SECONDS
                if ends_at is not None:
                    wait = min(wait, ends_at - time.monotonic())
                if wait <= 0:
                    return
                idle = not self._woken.wait(wait) and wait == BOOKMARK_SECONDS
        finally:
            self.close()

    def close(self) -> None:
        self._closed.set()
        self._unsubscribe()
        self._woken.set()
