"""List and watch one resource, and deliver its changes to a callback.

Rules
- The callback gets ADDED, MODIFIED and DELETED events. Changes missed between two
  watches are found by comparing a new list with the delivered objects; a deletion is
  then delivered with the last known object. An object that the API cannot read at
  present is not deleted.
- Each list ends with `WatchEvent(SYNCED, {})`.
- Events are delivered by one thread, one at a time. If the callback raises, the event
  is reported and skipped, and delivered again with a new list within 30 s.
- A watch that ends without an error resumes at its last resourceVersion. After an
  error, 410 included, the resource is listed again, with exponential backoff and one
  log line per outage.

Follows client-go/tools/cache/reflector.go.
"""

import logging
import threading
from collections.abc import Callable, Iterator

from supervisor.client.base import Client, Watch, WatchEvent, namespaced_name
from supervisor.client.unreadable import UnreadableReporter
from supervisor.kinds.examining import examine
from supervisor.machinery import backoff
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

SYNCED = "SYNCED"
"""Type of the event, without an object, that follows each list."""

_WATCH_SECONDS = 600.0
_FIRST_PAUSE_SECONDS = 0.2
_MAX_PAUSE_SECONDS = 30.0
_MIN_PAUSE_SECONDS = 0.05
"""Between two watches."""
_RELIST_SECONDS = 30.0
"""Timeout of a watch while some event could not be delivered."""
_log = logging.getLogger(__name__)


class Feed:
    """Delivers changes to `on_event`, which must not block.

    While `on_event` runs, `get` returns the object as it was before the event.
    `remember` may reduce an object to what is kept of it; metadata must be kept.
    """

    def __init__(
        self,
        client: Client,
        resource: str,
        on_event: Callable[[WatchEvent], None],
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        name: str = "",
        remember: Callable[[Object], Object] = lambda obj: obj,
    ) -> None:
        self.resource = resource
        self._client = client
        self._on_event = on_event
        self._remember = remember
        self._namespace = namespace
        self._labels = labels
        self._fields = fields
        self._name = name or f"feed-{resource}"
        #: Delivered objects that exist, by uid. Values are replaced, never changed.
        self._known: dict[str, Object] = {}
        #: resourceVersion at which the next watch starts; empty if a list is needed.
        self._version = ""
        self._reporter = UnreadableReporter(client, self._name)
        #: Uids of objects whose last event could not be delivered.
        self._undelivered: set[str] = set()
        #: Consecutive failures since the last event of a watch.
        self._failures = 0
        self._lock = threading.Lock()
        self._watch: Watch | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Stop watching. Nothing is delivered afterwards, unless `timeout` seconds
        were not enough for the running callback.
        """
        self._stopping.set()
        with self._lock:
            if self._watch is not None:
                self._watch.close()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def get(self, uid: str) -> Object | None:
        """The latest delivered version of an object. Must not be changed."""
        return self._known.get(uid)

    def all(self) -> list[Object]:
        """The latest delivered version of each object. Must not be changed."""
        return list(self._known.values())

    def follow(self) -> None:
        """List if needed, then watch until the watch ends. Raises on any failure."""
        if not self._version:
            self._list()
        try:
            for event in self._events():
                self._handle(event)
        except BaseException:
            self._version = ""
            raise
        if self._undelivered:
            self._version = ""

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.follow()
            except Exception as error:  # noqa: BLE001  the feed must survive any failure
                if self._stopping.is_set():
                    return
                self._pause(error)
            else:
                self._failures = 0
                # Limits requests to a server that ends each watch immediately.
                self._stopping.wait(_MIN_PAUSE_SECONDS)

    def _pause(self, error: Exception) -> None:
        self._failures += 1
        expired = isinstance(error, ApiError) and error.code == 410
        if self._failures == 1 and not expired:
            expected = isinstance(error, ApiError)
            text = "the watch of %s failed, listing again: %s"
            _log.warning(text, self.resource, error, exc_info=not expected)
        wait = backoff.delay(
            self._failures, first=_FIRST_PAUSE_SECONDS, maximum=_MAX_PAUSE_SECONDS
        )
        self._stopping.wait(wait)

    def _list(self) -> None:
        listing = self._client.list(
            self.resource, self._namespace, labels=self._labels, fields=self._fields
        )
        present = {str(item["metadata"]["uid"]): item for item in listing.items}
        deleted = [
            uid
            for uid, known in self._known.items()
            if uid not in present and namespaced_name(known) not in listing.unreadable
        ]
        self._undelivered.clear()
        for uid in deleted:
            self._deliver("DELETED", self._known[uid])
        for uid, item in present.items():
            known = self._known.get(uid)
            if known is None:
                self._deliver("ADDED", item)
            elif _version(known) != _version(item):
                self._deliver("MODIFIED", item)
        self._on_event(WatchEvent(SYNCED, {}))
        self._version = listing.resource_version

    def _events(self) -> Iterator[WatchEvent]:
        watch = self._client.watch(
            self.resource,
            self._namespace,
            since=self._version,
            labels=self._labels,
            fields=self._fields,
            timeout=_RELIST_SECONDS if self._undelivered else _WATCH_SECONDS,
        )
        with self._lock:
            self._watch = watch
        try:
            if not self._stopping.is_set():
                yield from watch
        finally:
            watch.close()
            with self._lock:
                self._watch = None

    def _handle(self, event: WatchEvent) -> None:
        if self._stopping.is_set():
            return
        if event.type == "ERROR":
            raise ApiError.from_status(event.object, 500)
        self._failures = 0
        if event.type in ("ADDED", "MODIFIED"):
            known = event.object["metadata"]["uid"] in self._known
            self._deliver("MODIFIED" if known else "ADDED", event.object)
        elif event.type == "DELETED":
            self._delete(event.object)
        self._version = _version(event.object) or self._version

    def _delete(self, obj: Object) -> None:
        if "uid" not in obj["metadata"]:
            # A damaged object was deleted; the event has only its name.
            known = [
                k
                for k in self._known.values()
                if namespaced_name(k) == namespaced_name(obj)
            ]
            for obj in known:
                self._deliver("DELETED", obj)
            return
        self._deliver("DELETED", obj)

    def _deliver(self, type_: str, obj: Object) -> None:
        uid = str(obj["metadata"]["uid"])
        self._undelivered.discard(uid)
        try:
            self._call(type_, uid, obj)
        except Exception as error:  # noqa: BLE001  one object must not stop the feed
            self._call_with_repaired(type_, uid, obj, error)

    def _call(self, type_: str, uid: str, obj: Object) -> None:
        self._on_event(WatchEvent(type_, obj))
        if type_ == "DELETED":
            self._known.pop(uid, None)
        else:
            self._known[uid] = self._remember(obj)

    def _call_with_repaired(
        self, type_: str, uid: str, obj: Object, error: Exception
    ) -> None:
        verdict = examine(self.resource, obj, closely=True)
        try:
            if verdict.obj is not None:
                self._call(type_, uid, verdict.obj)
                return
        except Exception as second_error:  # noqa: BLE001
            error = second_error
        _log.warning("cannot deliver an event of %s", self.resource, exc_info=error)
        self._reporter.report(self.resource, obj, verdict.because or repr(error))
        if type_ != "DELETED" or uid in self._known:
            self._undelivered.add(uid)


def _version(obj: Object) -> str:
    return str(obj["metadata"].get("resourceVersion", ""))
