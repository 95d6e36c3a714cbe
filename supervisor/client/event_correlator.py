"""Deduplicates, aggregates and rate-limits the events of one source.

Rules
- Events with equal object, type, reason, message and field path are one Event with a
  count.
- From the tenth different message of one object, type and reason within ten minutes on,
  messages are aggregated into one Event: `(combined from similar events): …`.
- Writes about one object are limited to a burst of 25 and then one per five minutes.
  A new event is always written immediately; only count updates are delayed.
- Memory is bounded: beyond `_MAX_ENTRIES` events or objects, the least recently used
  is dropped. If it occurs again, it is a new Event.

Has no effects and reads no clock.
Follows client-go/tools/record/events_cache.go (EventCorrelator).
"""

import hashlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from supervisor.model.meta import Object

_MAX_ENTRIES = 1024
_BURST = 25
_REFILL_SECONDS = 300.0
_MAX_SIMILAR = 10
_SIMILAR_SECONDS = 600.0
_COMBINED = "(combined from similar events): "

V = TypeVar("V")


class EventKey(NamedTuple):
    """Events with equal keys are one Event."""

    subject: str
    type: str
    reason: str
    field_path: str
    digest: str
    """Hash of the message; a constant for aggregated events."""


@dataclass
class Entry:
    """An Event object and how much of it has been written."""

    involved: Object
    message: str
    first_at: float
    last_at: float
    count: int = 0
    name: str = ""
    """Name of the Event object; empty until it is created."""
    written: int = 0
    """The count in the stored Event object."""


@dataclass
class _Similar:
    last_at: float
    digests: set[str] = field(default_factory=set)


@dataclass
class _Bucket:
    at: float
    tokens: float = _BURST


class _LruCache(Generic[V]):
    """Keeps the `_MAX_ENTRIES` most recently used values."""

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
        if len(self._values) > _MAX_ENTRIES:
            self._values.popitem(last=False)
        return value

    def __len__(self) -> int:
        return len(self._values)


class EventCorrelator:
    """Not thread-safe: the caller holds a lock."""

    def __init__(self) -> None:
        self._entries: _LruCache[Entry] = _LruCache()
        self._similar: _LruCache[_Similar] = _LruCache()
        self._buckets: _LruCache[_Bucket] = _LruCache()

    def observe(
        self,
        involved: Object,
        type_: str,
        reason: str,
        message: str,
        *,
        now: float,
    ) -> EventKey:
        """Count one occurrence; returns the key of its `entry`."""
        subject = subject_of(involved)
        path = str(involved.get("fieldPath", ""))
        digest = _digest(message)
        if self._must_aggregate(subject, type_, reason, digest, now):
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
        """The entry of `key`; None if it was dropped."""
        return self._entries.get(key)

    def restore(self, event: Object, first_at: float, last_at: float) -> None:
        """Continue counting an Event object written before a restart."""
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
        """Take a token from the subject's bucket: None, or when one is available."""
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

    def _must_aggregate(
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
    """A string that identifies the object that an event is about."""
    parts = ("kind", "namespace", "name", "uid")
    return "/".join(str(involved.get(part, "")) for part in parts)


def _digest(message: str) -> str:
    return hashlib.blake2b(message.encode(), digest_size=12).hexdigest()
