"""The store of one machine: a SQLite database in write-ahead mode.

Rules
- A write is one transaction that changes `objects` and appends to `changes`; with
  synchronous=FULL it is on disk before it is acknowledged, or not there at all.
- One writer at a time, held by `_writing`; readers have connections of their own and
  see whole transactions only. In memory there is one connection for all.
- The newest revision is the log's last row, the oldest replayable one its first: the
  log is never empty once written to, and there is no second place to keep either.
- The log keeps `keep_changes` rows, dropped in batches so that few writes pay for it.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from supervisor.store import sqlite_schema as schema
from supervisor.store.base import (
    Change,
    ChangeType,
    Compacted,
    Exists,
    Key,
    Listing,
    Missing,
    Record,
    Stale,
    StoreError,
)
from supervisor.store.subscribers import Subscribers

_IDLE_READERS = 4
_MOST_ROWS = 2**31


class SqliteStore:
    """`path` is a file, or `:memory:` for a store that ends with the process."""

    def __init__(self, path: str | Path, *, keep_changes: int = 10_000) -> None:
        if keep_changes < 1:
            raise ValueError(f"keep_changes is {keep_changes}; it must be at least 1")
        self._path = str(path)
        self._keep_changes = keep_changes
        self._writing = threading.RLock()
        self._writer = schema.open_database(self._path)
        self._identity = schema.identity(self._writer)
        self._in_memory = self._path == ":memory:"
        #: Connections that no thread reads with at present.
        self._readers: list[sqlite3.Connection] = []
        self._borrowing = threading.Lock()
        self._closed = False
        self._subscribers = Subscribers()

    # -- reading

    @property
    def identity(self) -> str:
        return self._identity

    def revision(self) -> int:
        with self._reading() as db:
            return _revision(db)

    def get(self, key: Key) -> Record | None:
        sql = (
            "SELECT revision, value FROM objects"
            " WHERE resource = ? AND namespace = ? AND name = ?"
        )
        with self._reading() as db:
            row = db.execute(sql, key).fetchone()
        return Record(key, row[0], row[1]) if row else None

    def list(
        self,
        resource: str,
        namespace: str = "",
        *,
        where: Mapping[str, str] | None = None,
        after: tuple[str, str] | None = None,
        limit: int = 0,
    ) -> Listing:
        conditions, arguments = schema.conditions(resource, namespace, where or {})
        if after:
            conditions += " AND (namespace, name) > (?, ?)"
            arguments += after
        sql = (
            f"SELECT namespace, name, revision, value FROM objects WHERE {conditions}"
            " ORDER BY namespace, name LIMIT ?"
        )
        # One row more than asked for tells whether there are more.
        arguments.append(limit + 1 if limit else _MOST_ROWS)
        with self._reading() as db:
            revision = _revision(db)
            rows = db.execute(sql, arguments).fetchall()
        more = bool(limit) and len(rows) > limit
        records = [
            Record(Key(resource, space.decode(), name.decode()), at, value)
            for space, name, at, value in (rows[:limit] if more else rows)
        ]
        return Listing(records, revision, more)

    def changes(
        self, since: int, resource: str, namespace: str = "", *, limit: int = 0
    ) -> Sequence[Change]:
        sql = (
            "SELECT revision, type, namespace, name, value, previous FROM changes"
            " WHERE resource = ? AND revision > ?"
        )
        arguments: list[object] = [resource, since]
        if namespace:
            sql += " AND namespace = ?"
            arguments.append(namespace)
        sql += " ORDER BY revision LIMIT ?"
        arguments.append(limit or _MOST_ROWS)
        with self._reading() as db:
            _check_reach(db, since)
            rows = db.execute(sql, arguments).fetchall()
        return [
            Change(
                revision=at,
                type=ChangeType(kind.decode()),
                key=Key(resource, space.decode(), name.decode()),
                value=value,
                previous=previous,
            )
            for at, kind, space, name, value, previous in rows
        ]

    # -- writing

    def create(self, key: Key, value: bytes) -> int:
        with self._transaction(key.resource) as db:
            if _stored(db, key):
                raise Exists(f"{key} is there already")
            return self._write(db, key, ChangeType.ADDED, value, previous=None)

    def update(self, key: Key, value: bytes, *, expected: int) -> int:
        with self._transaction(key.resource) as db:
            previous = _expected(db, key, expected)
            return self._write(db, key, ChangeType.MODIFIED, value, previous=previous)

    def delete(self, key: Key, value: bytes, *, expected: int) -> int:
        with self._transaction(key.resource) as db:
            previous = _expected(db, key, expected)
            return self._write(db, key, ChangeType.DELETED, value, previous=previous)

    def _write(
        self,
        db: sqlite3.Connection,
        key: Key,
        kind: ChangeType,
        value: bytes,
        *,
        previous: bytes | None,
    ) -> int:
        text = value.decode()
        before = None if previous is None else previous.decode()
        revision = _revision(db) + 1
        db.execute(
            "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)",
            (revision, kind.value, *key, text, before),
        )
        _put(db, key, kind, revision, text)
        self._compact(db, revision)
        return revision

    def _compact(self, db: sqlite3.Connection, newest: int) -> None:
        batch = max(1, self._keep_changes // 20)
        if newest % batch == 0:
            dropped = newest - self._keep_changes
            db.execute("DELETE FROM changes WHERE revision <= ?", (dropped,))

    # -- waking

    def subscribe(self, resource: str, wake: Callable[[], None]) -> Callable[[], None]:
        return self._subscribers.add(resource, wake)

    # -- connections

    def close(self) -> None:
        with self._writing, self._borrowing:
            self._closed = True
            while self._readers:
                self._readers.pop().close()
            self._writer.close()

    @contextmanager
    def _transaction(self, resource: str) -> Iterator[sqlite3.Connection]:
        """Write in one transaction; wake the subscribers once it is on disk."""
        with self._writing, _translated(self._path):
            self._refuse_when_closed()
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                # SQLite has already rolled back after some errors, a full disk
                # among them.
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
        self._subscribers.wake(resource)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection within one read transaction: all it reads is one revision."""
        if self._in_memory:
            with self._writing, _translated(self._path):
                self._refuse_when_closed()
                yield self._writer
            return
        with _translated(self._path):
            db = self._borrow()
            try:
                db.execute("BEGIN")
                yield db
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                self._give_back(db)

    def _borrow(self) -> sqlite3.Connection:
        with self._borrowing:
            self._refuse_when_closed()
            if self._readers:
                return self._readers.pop()
        return schema.connect(self._path)

    def _give_back(self, db: sqlite3.Connection) -> None:
        with self._borrowing:
            if not self._closed and len(self._readers) < _IDLE_READERS:
                self._readers.append(db)
                return
        db.close()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StoreError(f"the store {self._path} is closed")


@contextmanager
def _translated(path: str) -> Iterator[None]:
    """SQLite's own errors (disk full, file damaged, …) as StoreError."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise StoreError(f"the store {path} failed: {error}") from error


def _revision(db: sqlite3.Connection) -> int:
    newest: int | None = db.execute("SELECT max(revision) FROM changes").fetchone()[0]
    return newest or 0


def _check_reach(db: sqlite3.Connection, since: int) -> None:
    oldest, newest = db.execute(
        "SELECT (SELECT min(revision) FROM changes),"
        " (SELECT max(revision) FROM changes)"
    ).fetchone()
    if since + 1 < (oldest or 1):
        raise Compacted(f"too old resource version: {since} ({oldest - 1})")
    # A revision of the future comes from another log, such as one that was lost.
    if since > (newest or 0):
        raise Compacted(f"unknown resource version: {since} (newest is {newest or 0})")


def _stored(db: sqlite3.Connection, key: Key) -> tuple[int, bytes] | None:
    row: tuple[int, bytes] | None = db.execute(
        "SELECT revision, value FROM objects"
        " WHERE resource = ? AND namespace = ? AND name = ?",
        key,
    ).fetchone()
    return row


def _expected(db: sqlite3.Connection, key: Key, expected: int) -> bytes:
    stored = _stored(db, key)
    if stored is None:
        raise Missing(f"{key} is not there")
    if stored[0] != expected:
        raise Stale(f"{key} is at revision {stored[0]}, not at {expected}")
    return stored[1]


def _put(
    db: sqlite3.Connection, key: Key, kind: ChangeType, revision: int, text: str
) -> None:
    if kind is ChangeType.ADDED:
        db.execute("INSERT INTO objects VALUES (?, ?, ?, ?, ?)", (*key, revision, text))
    elif kind is ChangeType.MODIFIED:
        db.execute(
            "UPDATE objects SET revision = ?, value = ?"
            " WHERE resource = ? AND namespace = ? AND name = ?",
            (revision, text, *key),
        )
    else:
        db.execute(
            "DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ?",
            key,
        )
