"""All changes of one resource, from a list and the watches that follow it.

Rules
- The receiver gets ADDED, MODIFIED and DELETED. What changed while no watch ran is
  found by comparing a new list with what was delivered; a deletion is then delivered
  with the last known object. One that the API cannot read at present is not gone.
- After each list comes one mark, `WatchEvent(SYNCED, {})`: all that stood is delivered.
- Events come from one thread, one at a time. Should the receiver raise, the event is
  told of, the others go on, and it is delivered again with a list within 30 s.
- A watch that ends well goes on from where it ended; any failure, 410 among them, leads
  to a new list, after a pause that doubles, and one log line per outage.

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
"""Type of the event, without an object, that ends each list."""

_WATCH_SECONDS = 600.0
_FIRST_PAUSE_SECONDS = 0.2
_MAX_PAUSE_SECONDS = 30.0
_BREATH_SECONDS = 0.05
_AGAIN_SECONDS = 30.0
"""How long a watch may last while some object could not be delivered."""
_log = logging.getLogger(__name__)


class Feed:
    """Delivers changes to `on_event`, which must not block.

    While `on_event` runs, `get` still answers what was known before that event. What is
    kept of each object is what `remember` makes of it; that must have its metadata.
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
        #: What was delivered and still stands, by uid; replaced values, never changed.
        self._known: dict[str, Object] = {}
        #: Where the next watch goes on; empty when a list must come first.
        self._version = ""
        self._reporter = UnreadableReporter(client, self._name)
        #: Uids of objects whose last event the receiver could not take.
        self._missed: set[str] = set()
        #: Failures since the last event of a watch.
        self._failures = 0
        self._lock = threading.Lock()
        self._watch: Watch | None = None
        self._synced = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End the watch; nothing is delivered after this unless `timeout` passes."""
        self._stopping.set()
        with self._lock:
            if self._watch is not None:
                self._watch.close()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def wait_synced(self, timeout: float | None = None) -> bool:
        """Whether the first list has been delivered, waiting for it."""
        return self._synced.wait(timeout)

    def get(self, uid: str) -> Object | None:
        """The latest delivered object, to be read only."""
        return self._known.get(uid)

    def all(self) -> list[Object]:
        """The latest delivered objects, to be read only."""
        return list(self._known.values())

    def follow(self) -> None:
        """List if needed, then watch until the watch ends; raises on any failure."""
        if not self._version:
            self._list()
        try:
            for event in self._events():
                self._take(event)
        except BaseException:
            self._version = ""
            raise
        if self._missed:
            self._version = ""

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.follow()
            except Exception as error:  # noqa: BLE001  the feed outlives every failure
                if self._stopping.is_set():
                    return
                self._pause(error)
            else:
                self._failures = 0
                # A server that ends each watch at once must not be hammered.
                self._stopping.wait(_BREATH_SECONDS)

    def _pause(self, error: Exception) -> None:
        self._failures += 1
        gone = isinstance(error, ApiError) and error.code == 410
        if self._failures == 1 and not gone:
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
        gone = [
            uid
            for uid, known in self._known.items()
            if uid not in present and namespaced_name(known) not in listing.unreadable
        ]
        self._missed.clear()
        for uid in gone:
            self._deliver("DELETED", self._known[uid])
        for uid, item in present.items():
            known = self._known.get(uid)
            if known is None:
                self._deliver("ADDED", item)
            elif _version(known) != _version(item):
                self._deliver("MODIFIED", item)
        self._on_event(WatchEvent(SYNCED, {}))
        self._version = listing.resource_version
        self._synced.set()

    def _events(self) -> Iterator[WatchEvent]:
        watch = self._client.watch(
            self.resource,
            self._namespace,
            since=self._version,
            labels=self._labels,
            fields=self._fields,
            timeout=_AGAIN_SECONDS if self._missed else _WATCH_SECONDS,
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

    def _take(self, event: WatchEvent) -> None:
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
            # A damaged object was deleted, of which only the name was left.
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
        self._missed.discard(uid)
        try:
            self._hand_over(type_, uid, obj)
        except Exception as error:  # noqa: BLE001  one object stops no feed
            self._hand_over_repaired(type_, uid, obj, error)

    def _hand_over(self, type_: str, uid: str, obj: Object) -> None:
        self._on_event(WatchEvent(type_, obj))
        if type_ == "DELETED":
            self._known.pop(uid, None)
        else:
            self._known[uid] = self._remember(obj)

    def _hand_over_repaired(
        self, type_: str, uid: str, obj: Object, error: Exception
    ) -> None:
        verdict = examine(self.resource, obj, closely=True)
        try:
            if verdict.obj is not None:
                self._hand_over(type_, uid, verdict.obj)
                return
        except Exception as again:  # noqa: BLE001
            error = again
        _log.warning("an event of %s is missed", self.resource, exc_info=error)
        self._reporter.report(self.resource, obj, verdict.because or repr(error))
        if type_ != "DELETED" or uid in self._known:
            self._missed.add(uid)


class Mirror(Feed):
    """A feed for those who only want to look: `get` and `all` answer the latest."""

    def __init__(
        self,
        client: Client,
        resource: str,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
    ) -> None:
        super().__init__(
            client,
            resource,
            lambda _: None,
            namespace=namespace,
            labels=labels,
            fields=fields,
        )


def _version(obj: Object) -> str:
    return str(obj["metadata"].get("resourceVersion", ""))
