"""The initial list of a watch, read from the store in batches.

Nothing is kept in memory between two batches, so the cost of a client that does not
read is independent of the length of the list.

Rules
- The list is the state at the revision at which the watch started. Objects changed
  since then, but before their batch is read, are omitted: the watch finds them in the
  log, which it reads from that revision.
- `has_delivered` identifies changes in the log to such objects, so that the client
  receives ADDED before any other event of an object.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from supervisor.store.base import Key, Record, Store

MAX_BYTES = 128 * 1024
"""Maximum size of a batch, unless a single object is larger."""
_FIRST_RECORDS = 25
_MAX_RECORDS = 100

Position = tuple[str, str]
"""Namespace and name, which is the order of the store's lists."""


class InitialList:
    """Not thread-safe. Errors of the store are passed through."""

    def __init__(
        self, store: Store, resource: str, namespace: str, where: Mapping[str, str]
    ) -> None:
        self._store = store
        self._resource = resource
        self._namespace = namespace
        self._where = where
        self._limit = _FIRST_RECORDS
        #: The last position of each batch, and the revision at which it was read.
        self._positions: list[Position] = []
        self._revisions: list[int] = []
        self._changed: set[Key] = set()
        self._is_read = False
        self._first: Sequence[Record] = self._read()
        self.revision = self._revisions[0]

    @property
    def done(self) -> bool:
        """Whether all batches have been taken."""
        return self._is_read and not self._first

    def next_batch(self) -> Sequence[Record]:
        """The next batch; empty at the end."""
        taken, self._first = self._first, ()
        while not (taken or self._is_read):
            taken = [r for r in self._read() if r.revision <= self.revision]
        return taken

    def _read(self) -> Sequence[Record]:
        listing = self._store.list(
            self._resource,
            self._namespace,
            where=self._where,
            after=self._positions[-1] if self._positions else None,
            limit=self._limit,
        )
        batch = _batch(listing.records)
        self._is_read = len(batch) == len(listing.records) and not listing.more
        self._revisions.append(listing.revision)
        if batch:
            self._positions.append((batch[-1].key.namespace, batch[-1].key.name))
            size = sum(len(record.value) for record in batch)
            fitting = MAX_BYTES * len(batch) // max(size, 1)
            self._limit = min(max(fitting, 1), _MAX_RECORDS)
        return batch

    def has_delivered(self, key: Key, revision: int) -> bool:
        """Whether the client received the object before its change at `revision`.

        To be called once for each change in the log, in order, after `done`.
        """
        if revision > self._revisions[-1] or key in self._changed:
            return True
        self._changed.add(key)
        # Objects after the last position belong to the last read.
        batch = bisect_left(self._positions, (key.namespace, key.name))
        return revision > self._revisions[min(batch, len(self._revisions) - 1)]


def _batch(records: Sequence[Record]) -> Sequence[Record]:
    """The first records, up to MAX_BYTES but at least one."""
    size = 0
    for index, record in enumerate(records):
        size += len(record.value)
        if size > MAX_BYTES:
            return records[: max(index, 1)]
    return records
