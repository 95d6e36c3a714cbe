"""Records Kubernetes Events.

Rules
- `record` never blocks and never raises: it updates the correlator and wakes the
  writer.
- One thread writes. Failed writes are retried with exponential backoff, and counts keep
  growing meanwhile; only an event that the API rejects permanently is dropped.
- A repeated event updates count and lastTimestamp of the same Event object, also after
  a restart of the daemon.

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
_RETRIABLE_CODES = (409, 429)
_log = logging.getLogger(__name__)


class EventRecorder:
    """Records events with `component`, and `host` if given, as their source.

    With `threaded=False`, events are written only by `flush`, in the caller's thread.
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
        self._tolerant = TolerantClient(client, component)
        self._clock = clock
        self._component = component
        self._source = {"component": component} | ({"host": host} if host else {})
        self._serial = itertools.count()
        self._lock = threading.Lock()
        self._correlator = EventCorrelator()
        #: Whether the Events written before a restart were read.
        self._restored = False
        #: True once the writer runs, or if it must not; the first event starts it.
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
        """Record an event about `obj`; `type_` is `Normal` or `Warning`."""
        try:
            involved = reference(obj)
            if field_path:
                involved["fieldPath"] = field_path
            text = message[:_MAX_MESSAGE]
            with self._lock:
                key = self._correlator.observe(
                    involved, type_, reason, text, now=self._clock.now()
                )
                if not self._started:
                    self._started = True
                    self._writer.start()
        except Exception:  # noqa: BLE001  an event must not fail its caller
            _log.exception("cannot record the event %s %r", reason, message)
            return
        self._writer.wake(key)

    def flush(self, timeout: float = 5.0) -> bool:
        """Try to write all pending events; False if that takes over `timeout` s."""
        until = self._clock.now() + timeout
        while self._clock.now() <= until and self._writer.step():
            pass
        return self._writer.drain(timeout)

    def stop(self, timeout: float = 5.0) -> None:
        """Write pending events for up to `timeout` seconds, then stop the thread."""
        self.flush(timeout)
        self._writer.stop(timeout)

    def _write(self, key: EventKey) -> float | None:
        now = self._clock.now()
        with self._lock:
            entry = self._correlator.entry(key)
            if entry is None or entry.count == entry.written:
                return None
            wait_until = self._correlator.allow(key, now)
            if wait_until is not None and entry.name:
                return wait_until
        if not self._restored:
            self._tolerant.guard(self._restore)
        try:
            self._write_entry(key, entry)
        except ApiError as error:
            if error.code >= 500 or error.code in _RETRIABLE_CODES:
                raise
            # A create returns 404 if the namespace does not exist any more.
            expected = error.code == 404 or is_namespace_terminating(error)
            level = logging.DEBUG if expected else logging.WARNING
            _log.log(level, "dropping the event %s: %s", key.reason, error)
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
                # Events expire; and a damaged one is replaced.
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
        """A unique name: the object's, and the time in ns with a serial number."""
        suffix = f".{int(entry.last_at * 1e6) * 1000 + next(self._serial) % 1000:x}"
        return str(entry.involved["name"])[: _MAX_NAME - len(suffix)] + suffix

    def _restore(self) -> None:
        """Read the Events that this source wrote before a restart."""
        fields = f"source={self._component}"
        for event in self._tolerant.list(EVENT.resource, fields=fields).items:
            if event.get("source") != self._source:
                continue
            first = event.get("firstTimestamp") or event.get("lastTimestamp")
            last = event.get("lastTimestamp") or first
            if first and last:
                with self._lock:
                    self._correlator.restore(
                        event, times.to_seconds(first), times.to_seconds(last)
                    )
        self._restored = True
