"""Reports objects that a reader cannot process: an Event, a log line and a counter.

Rules
- Each reader reports each version of an object once.
- Reporting never raises: an Event that cannot be written is only logged.
"""

import hashlib
import logging
import threading
from typing import TypeVar

import msgspec

from supervisor.client.base import Client
from supervisor.kinds.examining import examine
from supervisor.kinds.identity import EVENT
from supervisor.machinery.metrics import UNREADABLE
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object, decode, reference

T = TypeVar("T")

REASON = "Unreadable"
_MAX_REPORTED = 4096
_log = logging.getLogger(__name__)


class UnreadableReporter:
    """`reader` is the name of the component that reads, such as `scheduler`."""

    def __init__(self, client: Client, reader: str) -> None:
        self._client = client
        self._reader = reader
        self._lock = threading.Lock()
        #: Reported (uid, resourceVersion) pairs; a dict because it is ordered.
        self._reported: dict[tuple[str, str], None] = {}

    def report(self, resource: str, obj: Object, because: str) -> None:
        """Report that this version of `obj` is skipped or was repaired."""
        meta = obj["metadata"]
        version = (str(meta["uid"]), str(meta.get("resourceVersion", "")))
        with self._lock:
            if version in self._reported:
                return
            self._reported[version] = None
            while len(self._reported) > _MAX_REPORTED:
                del self._reported[next(iter(self._reported))]
        UNREADABLE.count(self._reader, resource)
        name = f"{meta.get('namespace', '')}/{meta['name']}".lstrip("/")
        text = "%s cannot read %s %s and ignores it: %s"
        _log.error(text, self._reader, resource, name, because)
        self._write(obj, because, "/".join((self._reader, *version)))

    def decode(
        self, resource: str, kind: type[T], obj: Object
    ) -> tuple[Object, T] | None:
        """`obj` and its typed value, repaired if necessary; None if unreadable."""
        try:
            return obj, decode(kind, obj)
        except msgspec.ValidationError:
            return self.decode_repaired(resource, kind, obj)

    def decode_repaired(
        self, resource: str, kind: type[T], obj: Object
    ) -> tuple[Object, T] | None:
        """As `decode`, for an object that is known to be invalid."""
        verdict = examine(resource, obj)
        if verdict.because:
            self.report(resource, obj, verdict.because)
        if verdict.obj is None:
            return None
        return verdict.obj, decode(kind, verdict.obj)

    def _write(self, obj: Object, because: str, identity: str) -> None:
        meta = obj["metadata"]
        namespace = meta.get("namespace") or "default"
        suffix = hashlib.sha256(identity.encode()).hexdigest()[:16]
        body: Object = {
            **EVENT.head,
            "metadata": {"name": f"{meta['name']}.{suffix}", "namespace": namespace},
            "involvedObject": reference(obj),
            "type": "Warning",
            "reason": REASON,
            "message": f"{self._reader} ignores this object: {because}"[:1024],
            "count": 1,
            "source": {"component": self._reader},
            "reportingComponent": self._reader,
        }
        try:
            self._client.create(EVENT.resource, body, namespace)
        except ApiError as error:
            _log.debug("cannot write the event: %s", error)
