"""Write down what happened to objects, as Kubernetes Events.

Rules
- `record` never blocks and never raises: it adds to the ledger and wakes the writer.
- One thread writes. What cannot be written now is tried again, with growing pauses, and
  adds up meanwhile; only an event that the API refuses for good is given up.
- The same happening again bumps the count and the last instant of the same Event
  object, after a restart of the daemon too.

Follows client-go/tools/record/event.go.
"""

import itertools
import logging
import threading

from supervisor.client.base import Client
from supervisor.client.event_correlator import Entry, EventCorrelator, EventKey
from supervisor.client.tolerant import TolerantClient
from supervisor.kinds.identity import EVENT
from supervisor.machinery.clock import Clock
from supervisor.machinery.controller import Controller
from supervisor.model import times
from supervisor.model.errors import (
    ApiError,
    is_absent_or_unreadable,
    is_namespace_terminating,
)
from supervisor.model.meta import Object, reference

_MAX_NAME = 253
_MAX_MESSAGE = 16 * 1024
_PASSING_CODES = (409, 429)
_log = logging.getLogger(__name__)


class EventRecorder:
    """Events of one component, on one host if it is bound to one.

    Without `threaded`, nothing is written but by `flush`, in the caller's thread.
    """

    def __init__(
        self,
        client: Client,
        clock: Clock,
        component: str,
        host: str = "",
        *,
        threaded: bool = True,
    ) -> None:
        self._client = client
        self._screen = TolerantClient(client, component)
        self._clock = clock
        self._component = component
        self._source = {"component": component} | ({"host": host} if host else {})
        self._serial = itertools.count()
        self._lock = threading.Lock()
        self._ledger = EventCorrelator()
        #: Whether the events of an earlier run were read.
        self._recalled = False
        #: Whether the writer runs, or must not; it is started by the first event.
        self._started = not threaded
        self._writer: Controller[EventKey] = Controller(
            f"events-{component}", self._write, clock, expected=(ApiError,)
        )

    def record(
        self,
        obj: Object,
        type_: str,
        reason: str,
        message: str,
        *,
        field_path: str = "",
    ) -> None:
        """Note that something happened to `obj`; `type_` is Normal or Warning."""
        try:
            involved = reference(obj)
            if field_path:
                involved["fieldPath"] = field_path
            text = message[:_MAX_MESSAGE]
            with self._lock:
                key = self._ledger.note(
                    involved, type_, reason, text, now=self._clock.now()
                )
                if not self._started:
                    self._started = True
                    self._writer.start()
        except Exception:  # noqa: BLE001  an event is never worth a crash
            _log.exception("the event %s %r is lost", reason, message)
            return
        self._writer.wake(key)

    def flush(self, timeout: float = 5.0) -> bool:
        """Whether all that could be written was tried once within `timeout` seconds."""
        until = self._clock.now() + timeout
        while self._clock.now() <= until and self._writer.step():
            pass
        return self._writer.drain(timeout)

    def stop(self, timeout: float = 5.0) -> None:
        """Write what is waiting, as far as there is time, then end the thread."""
        self.flush(timeout)
        self._writer.stop(timeout)

    def _write(self, key: EventKey) -> float | None:
        now = self._clock.now()
        with self._lock:
            entry = self._ledger.entry(key)
            if entry is None or entry.count == entry.written:
                return None
            wait_until = self._ledger.allow(key, now)
            if wait_until is not None and entry.name:
                return wait_until
        if not self._recalled:
            self._screen.guard(self._recall)
        try:
            self._write_entry(key, entry)
        except ApiError as error:
            if error.code >= 500 or error.code in _PASSING_CODES:
                raise
            # Creating it says 404 when the namespace itself is gone.
            expected = error.code == 404 or is_namespace_terminating(error)
            level = logging.DEBUG if expected else logging.WARNING
            _log.log(level, "the event %s is given up: %s", key.reason, error)
            with self._lock:
                entry.written = entry.count
        return None

    def _write_entry(self, key: EventKey, entry: Entry) -> None:
        with self._lock:
            count, body = entry.count, self._body(key, entry)
            name = entry.name
        namespace = body["metadata"]["namespace"]
        if name:
            fields = ("count", "lastTimestamp", "message")
            changes = {f: body[f] for f in fields}
            try:
                self._client.patch(EVENT.resource, name, namespace, changes)
            except ApiError as error:
                # A damaged one is gone for all that it tells.
                if not is_absent_or_unreadable(error):
                    raise
                name = ""
        if not name:
            name = body["metadata"]["name"] = self._new_name(entry)
            self._client.create(EVENT.resource, body, namespace)
        with self._lock:
            entry.name, entry.written = name, count

    def _body(self, key: EventKey, entry: Entry) -> Object:
        host = self._source.get("host", "")
        return {
            **EVENT.head,
            "metadata": {
                "namespace": entry.involved.get("namespace") or "default",
            },
            "involvedObject": entry.involved,
            "type": key.type,
            "reason": key.reason,
            "message": entry.message,
            "count": entry.count,
            "firstTimestamp": times.to_text(entry.first_at),
            "lastTimestamp": times.to_text(entry.last_at),
            "source": self._source,
            "reportingComponent": self._component,
            "reportingInstance": host,
        }

    def _new_name(self, entry: Entry) -> str:
        """Unlike any other: the instant in nanoseconds, told apart by a serial."""
        suffix = f".{int(entry.last_at * 1e6) * 1000 + next(self._serial) % 1000:x}"
        return str(entry.involved["name"])[: _MAX_NAME - len(suffix)] + suffix

    def _recall(self) -> None:
        """Take up the events that an earlier run of this source has written."""
        fields = f"source={self._component}"
        for event in self._screen.list(EVENT.resource, fields=fields).items:
            if event.get("source") != self._source:
                continue
            first = event.get("firstTimestamp") or event.get("lastTimestamp")
            last = event.get("lastTimestamp") or first
            if first and last:
                with self._lock:
                    self._ledger.recall(
                        event, times.to_seconds(first), times.to_seconds(last)
                    )
        self._recalled = True
