"""Watches: reading the store's log of changes through a selection.

Rules
- A watch is notified by the store and reads the log. It keeps at most one batch of
  bounded size in memory, so a slow client costs no memory.
- An object that matches the selection after a change but not before is ADDED; one that
  no longer matches is DELETED, with its previous state and the new resourceVersion.
- A watch without a start (`since` empty or "0") first delivers all objects as ADDED.
- A position that the log no longer contains is a 410: raised at the start of the watch,
  later sent as an ERROR event, which is the last.
- Without changes, a bookmark is sent about every minute.

Follows apiserver/pkg/storage/cacher/cache_watcher.go.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

from supervisor.api.registry.initial_list import MAX_BYTES, InitialList
from supervisor.api.registry.object_store import ObjectStore, api_errors, to_object
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
    """A position in the log; `poll` returns the events since and advances it.

    May be used from any thread, but only by one at a time. `poll` never waits. Raises
    ApiError 400 for an invalid `since`, 410 if the log no longer contains it.
    """

    def __init__(
        self,
        objects: ObjectStore,
        kind: Kind,
        namespace: str,
        selection: Selection,
        *,
        since: str,
        initial: bool = False,
    ) -> None:
        self._store: Store = objects.store
        self._identity = kind.identity
        self._resource = kind.identity.resource
        self._namespace = namespace
        self._selection = selection
        self._ended = False
        #: None if the watch continues from a list of the client.
        self._initial_list: InitialList | None = None
        if initial or since in ("", "0"):
            self._initial_list = self._begin()
            self._since = self._initial_list.revision
        else:
            self._since = _parsed(since)
            # Raises 410 now instead of on the first poll.
            self._changes(limit=1)

    def _begin(self) -> InitialList:
        with api_errors(self._resource, ""):
            return InitialList(
                self._store,
                self._resource,
                self._namespace,
                self._selection.where,
            )

    def _revision(self) -> int:
        with api_errors(self._resource, ""):
            return self._store.revision()

    def _changes(self, limit: int) -> Sequence[Change]:
        with api_errors(self._resource, ""):
            return self._store.changes(
                self._since, self._resource, self._namespace, limit=limit
            )

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake`, in the thread of a writer, when `poll` may return events.

        Returns a function that cancels the subscription.
        """
        return self._store.subscribe(self._resource, wake)

    def poll(self) -> list[WatchEvent]:
        """The next events, at most one batch; empty if there are none.

        An ERROR event is the last one.
        """
        if self._ended:
            return []
        if not self.initial_done and (first := self._next_initial()):
            return first
        events: list[WatchEvent] = []
        while not events:
            try:
                # Before reading changes, which then include all up to this revision.
                newest = self._revision()
                changes = self._changes(_BATCH)
            except ApiError as error:
                self._ended = True
                return [WatchEvent("ERROR", error.status())]
            size = 0
            for change in changes:
                event = self._to_event(change)
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

    def _next_initial(self) -> list[WatchEvent]:
        events: list[WatchEvent] = []
        while self._initial_list and not events and not self._initial_list.done:
            with api_errors(self._resource, ""):
                batch = self._initial_list.next_batch()
            objects = [
                to_object(self._identity, r.key, r.value, r.revision) for r in batch
            ]
            events = [
                WatchEvent("ADDED", o) for o in objects if self._selection.matches(o)
            ]
        return events

    def _to_event(self, change: Change) -> WatchEvent | None:
        if change.type is ChangeType.DELETED and change.previous is None:
            return self._damaged(change)
        now = to_object(self._identity, change.key, change.value, change.revision)
        if self._initial_list and not self._initial_list.has_delivered(
            change.key, change.revision
        ):
            is_there = change.type is not ChangeType.DELETED
            is_in = is_there and self._selection.matches(now)
            return WatchEvent("ADDED", now) if is_in else None
        if self._selection.matches_all:
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
        """The deletion of a damaged object, of which only the name is known.

        It is sent to all watches. The object has no uid, so feeds look up the name.
        """
        key = change.key
        meta = {"name": key.name, "resourceVersion": str(change.revision)}
        if key.namespace:
            meta["namespace"] = key.namespace
        return WatchEvent("DELETED", self._identity.head | {"metadata": meta})

    @property
    def initial_done(self) -> bool:
        """Whether the initial list has been delivered."""
        return self._initial_list is None or self._initial_list.done

    def bookmark(self) -> WatchEvent:
        """A BOOKMARK event with the current position."""
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
            f'Invalid value: "{since}": resourceVersion must be a number returned by '
            "a list or an object"
        ) from None
    return revision


class RegistryWatch:
    """A watch in this process. Iterate in one thread; `close` may be called from any.

    `timeout` is in seconds; None means no limit.
    """

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
