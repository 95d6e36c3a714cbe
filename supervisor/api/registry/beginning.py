"""What there was when a watch began: read from the store piece by piece.

A watch holds nothing of it in memory between two pieces, so a client that does not
read costs the same whatever the length of the list.

Rules
- It is the state at one revision, that of the beginning. What was changed between then
  and the reading of its piece is left out: the log, which the watch reads from that
  revision on, has it.
- `knew` finds the changes in the log that concern such objects, so that the client
  hears of each object first as ADDED, and of no end of one that it never heard of.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from supervisor.store.base import Key, Record, Store

MAX_BYTES = 128 * 1024
"""Of a piece, unless a single object has more."""
_FIRST_RECORDS = 25
_MAX_RECORDS = 100

Place = tuple[str, str]
"""Namespace and name, in the order of the store's lists."""


class Beginning:
    """Used by one thread at a time. What the store raises passes through."""

    def __init__(
        self, store: Store, resource: str, namespace: str, where: Mapping[str, str]
    ) -> None:
        self._store = store
        self._resource = resource
        self._namespace = namespace
        self._where = where
        self._limit = _FIRST_RECORDS
        #: The last place of each piece, and the revision at which it was read.
        self._places: list[Place] = []
        self._revisions: list[int] = []
        self._heard_of: set[Key] = set()
        self._is_read = False
        self._first: Sequence[Record] = self._read()
        self.revision = self._revisions[0]

    @property
    def done(self) -> bool:
        """Whether all of it has been taken."""
        return self._is_read and not self._first

    def take(self) -> Sequence[Record]:
        """The next piece; empty when there is nothing more."""
        taken, self._first = self._first, ()
        while not (taken or self._is_read):
            taken = [r for r in self._read() if r.revision <= self.revision]
        return taken

    def _read(self) -> Sequence[Record]:
        listing = self._store.list(
            self._resource,
            self._namespace,
            where=self._where,
            after=self._places[-1] if self._places else None,
            limit=self._limit,
        )
        piece = _piece(listing.records)
        self._is_read = len(piece) == len(listing.records) and not listing.more
        self._revisions.append(listing.revision)
        if piece:
            self._places.append((piece[-1].key.namespace, piece[-1].key.name))
            size = sum(len(record.value) for record in piece)
            fitting = MAX_BYTES * len(piece) // max(size, 1)
            self._limit = min(max(fitting, 1), _MAX_RECORDS)
        return piece

    def knew(self, key: Key, revision: int) -> bool:
        """Whether the reader has heard of the object before its change at `revision`.

        Asked of each change after the beginning once, in their order, when `done`.
        """
        if revision > self._revisions[-1] or key in self._heard_of:
            return True
        self._heard_of.add(key)
        # An object behind the last place belongs to the last reading.
        piece = bisect_left(self._places, (key.namespace, key.name))
        return revision > self._revisions[min(piece, len(self._revisions) - 1)]


def _piece(records: Sequence[Record]) -> Sequence[Record]:
    """As many of the records as make a piece."""
    size = 0
    for place, record in enumerate(records):
        size += len(record.value)
        if size > MAX_BYTES:
            return records[: max(place, 1)]
    return records
