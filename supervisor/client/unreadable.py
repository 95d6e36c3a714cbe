"""Tell of objects that a reader has set aside: an event, a line in the log, a counter.

Rules
- Each version of an object is told of once by each reader.
- UnreadableReporter never fails: an event that cannot be written is not worth a reader.
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
_MAX_KEPT = 4096
_log = logging.getLogger(__name__)


class UnreadableReporter:
    """Of one reader: `reader` is its name, such as `scheduler`."""

    def __init__(self, client: Client, reader: str) -> None:
        self._client = client
        self._reader = reader
        self._lock = threading.Lock()
        #: What was told of: uid and version; a dictionary for its order.
        self._told: dict[tuple[str, str], None] = {}

    def report(self, resource: str, obj: Object, because: str) -> None:
        meta = obj["metadata"]
        version = (str(meta["uid"]), str(meta.get("resourceVersion", "")))
        with self._lock:
            if version in self._told:
                return
            self._told[version] = None
            while len(self._told) > _MAX_KEPT:
                del self._told[next(iter(self._told))]
        UNREADABLE.count(self._reader, resource)
        name = f"{meta.get('namespace', '')}/{meta['name']}".lstrip("/")
        text = "%s cannot read %s %s and does without it: %s"
        _log.error(text, self._reader, resource, name, because)
        self._write(obj, because, "/".join((self._reader, *version)))

    def decode(
        self, resource: str, kind: type[T], obj: Object
    ) -> tuple[Object, T] | None:
        """`obj` and its typed value, repaired if need be; None if it is unreadable."""
        try:
            return obj, decode(kind, obj)
        except msgspec.ValidationError:
            return self.decode_repaired(resource, kind, obj)

    def decode_repaired(
        self, resource: str, kind: type[T], obj: Object
    ) -> tuple[Object, T] | None:
        """`typed` for an object that is known not to be as it should be."""
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
            "message": f"{self._reader} does without this object: {because}"[:1024],
            "count": 1,
            "source": {"component": self._reader},
            "reportingComponent": self._reader,
        }
        try:
            self._client.create(EVENT.resource, body, namespace)
        except ApiError as error:
            _log.debug("no event says so: %s", error)
