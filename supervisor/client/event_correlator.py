"""What the events of one source add up to: which are merged, and which must wait.

Rules
- Events equal in object, type, reason, message and field path are one: a count and two
  instants.
- From the tenth different message of one object, type and reason within ten minutes on,
  further ones are merged into a single `(combined from similar events): …`.
- Writes about one object come in bursts of at most 25, then one in five minutes. A new
  event is written at once all the same; what waits is only the bumping of counts, and
  it is written as soon as the limit allows.
- Memory is bounded: of more than `_MOST` events or objects the longest silent is
  forgotten, after which it would start as a new event.

Pure but for its own state: reads no clock, performs nothing.
Follows client-go/tools/record/events_cache.go.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from supervisor.model.meta import Object

_MOST = 1024
_BURST = 25
_REFILL_SECONDS = 300.0
_MAX_SIMILAR = 10
_SIMILAR_SECONDS = 600.0
_COMBINED = "(combined from similar events): "

V = TypeVar("V")


class EventKey(NamedTuple):
    """What makes two events the same."""

    subject: str
    type: str
    reason: str
    field_path: str
    digest: str
    """Of the message; of combined events a constant."""


@dataclass
class Entry:
    """One Event object, written or yet to be written."""

    involved: Object
    message: str
    first_at: float
    last_at: float
    count: int = 0
    name: str = ""
    """Of the Event object; empty until it was created."""
    written: int = 0
    """The count that the Event object shows."""


@dataclass
class _Similar:
    last_at: float
    digests: set[str] = field(default_factory=set)


@dataclass
class _Bucket:
    at: float
    tokens: float = _BURST


class _Recent(Generic[V]):
    """The most recently used values; the others are forgotten."""

    def __init__(self) -> None:
        self._values: OrderedDict[Hashable, V] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key]

    def put(self, key: Hashable, value: V) -> V:
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > _MOST:
            self._values.popitem(last=False)
        return value

    def __len__(self) -> int:
        return len(self._values)


class EventCorrelator:
    """Not safe for threads: the owner holds a lock."""

    def __init__(self) -> None:
        self._entries: _Recent[Entry] = _Recent()
        self._similar: _Recent[_Similar] = _Recent()
        self._buckets: _Recent[_Bucket] = _Recent()

    def note(
        self,
        involved: Object,
        type_: str,
        reason: str,
        message: str,
        *,
        now: float,
    ) -> EventKey:
        """Count one occurrence; the key under which `entry` has the sum."""
        subject = subject_of(involved)
        path = str(involved.get("fieldPath", ""))
        digest = _digest(message)
        if self._is_one_of_many(subject, type_, reason, digest, now):
            message, digest = _COMBINED + message, "combined"
        key = EventKey(subject, type_, reason, path, digest)
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries.put(key, Entry(involved, message, now, now))
        entry.count += 1
        entry.last_at = now
        entry.message = message
        return key

    def entry(self, key: EventKey) -> Entry | None:
        """None for what was forgotten."""
        return self._entries.get(key)

    def recall(self, event: Object, first_at: float, last_at: float) -> None:
        """Go on from an Event object that an earlier run has written."""
        involved = event["involvedObject"]
        message = str(event.get("message", ""))
        combined = message.startswith(_COMBINED)
        key = EventKey(
            subject_of(involved),
            str(event.get("type", "")),
            str(event.get("reason", "")),
            str(involved.get("fieldPath", "")),
            "combined" if combined else _digest(message),
        )
        written = int(event.get("count") or 1)
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries.put(key, Entry(involved, message, first_at, last_at))
        elif entry.name:
            return
        entry.name = event["metadata"]["name"]
        entry.first_at = min(first_at, entry.first_at)
        entry.last_at = max(last_at, entry.last_at)
        entry.count += written
        entry.written = written

    def allow(self, key: EventKey, now: float) -> float | None:
        """Take leave to write about the subject; or the instant from which there is."""
        bucket = self._buckets.get(key.subject)
        if bucket is None:
            bucket = self._buckets.put(key.subject, _Bucket(now))
        gained = (now - bucket.at) / _REFILL_SECONDS
        bucket.tokens = min(_BURST, bucket.tokens + gained)
        bucket.at = now
        if bucket.tokens < 1:
            return now + (1 - bucket.tokens) * _REFILL_SECONDS
        bucket.tokens -= 1
        return None

    def _is_one_of_many(
        self, subject: str, type_: str, reason: str, digest: str, now: float
    ) -> bool:
        key = (subject, type_, reason)
        similar = self._similar.get(key)
        if similar is None or now - similar.last_at > _SIMILAR_SECONDS:
            similar = self._similar.put(key, _Similar(now))
        similar.last_at = now
        if digest in similar.digests:
            return False
        if len(similar.digests) >= _MAX_SIMILAR - 1:
            return True
        similar.digests.add(digest)
        return False


def subject_of(involved: Object) -> str:
    """One text for the object that an event is about."""
    parts = ("kind", "namespace", "name", "uid")
    return "/".join(str(involved.get(part, "")) for part in parts)


def _digest(message: str) -> str:
    return hashlib.blake2b(message.encode(), digest_size=12).hexdigest()
