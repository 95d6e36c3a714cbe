"""The store of one machine: a SQLite database in write-ahead mode.

Rules
- A write is one transaction that changes `objects` and appends to `changes`; with
  synchronous=FULL it is on disk before it is acknowledged, or not there at all.
- The log keeps `keep_changes` rows and `keep_bytes` bytes of values. Room that was
  freed is given back to the file system, some of it after each write.
"""

import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path

from supervisor.model.lineage import Lineage
from supervisor.store.base import (
    Change,
    ChangeType,
    Damage,
    Damaged,
    Exists,
    Key,
    Listing,
    Missing,
    Record,
    StoreError,
)
from supervisor.store.sqlite import backup, lineage, log
from supervisor.store.sqlite import rows as sqlite_rows
from supervisor.store.sqlite import schema as schema
from supervisor.store.sqlite.connections import Connections
from supervisor.store.subscribers import Subscribers

_KEEP_BYTES = 32 * 2**20
_SPARE_PAGES = 1024
"""Free pages that the file may have: 4 MiB."""
_log = logging.getLogger(__name__)


class SqliteStore:
    """`path` is a file, or `:memory:` for a store that ends with the process.

    A file that exists but cannot be written is worked on in memory: `trouble` says why.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        keep_changes: int = 10_000,
        keep_bytes: int = _KEEP_BYTES,
    ) -> None:
        """Raises StoreError."""
        for name, value in (("keep_changes", keep_changes), ("keep_bytes", keep_bytes)):
            if value < 1:
                raise ValueError(f"{name} is {value}; it must be at least 1")
        self._connections = Connections(str(path))
        self._changes = log.Log(keep_changes, keep_bytes)
        self._subscribers = Subscribers()
        self._noting = threading.Lock()
        self._damaged: dict[Key, Damage] = {}
        with self._connections.reading() as db:
            self._lineage = lineage.read(db)
            found = sqlite_rows.select(db, "true", [])
            self._note([row for row in found if isinstance(row, Damage)])

    # -- history

    @property
    def identity(self) -> str:
        return self._lineage.identity

    def lineage(self) -> Lineage:
        return replace(self._lineage, revision=self.revision())

    def accept_sessions(self, sessions: Iterable[str]) -> None:
        with self._connections.writing() as db:
            lineage.accept_sessions(db, sessions)
            self._lineage = lineage.read(db)

    def revoke_session(self, session: str) -> None:
        with self._connections.writing() as db:
            lineage.revoke_session(db, session)
            self._lineage = lineage.read(db)

    # -- reading

    def revision(self) -> int:
        with self._connections.reading() as db:
            return log.revision(db)

    def get(self, key: Key) -> Record | None:
        try:
            with self._connections.reading() as db:
                return sqlite_rows.find(db, key)
        except Damaged as error:
            self._note([Damage(key, str(error))])
            raise

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
        records: list[Record] = []
        damaged: list[Damage] = []
        more = False
        with self._connections.reading() as db, ExitStack() as stack:
            revision = log.revision(db)
            # Closed here: another thread may have the connection next.
            rows = stack.enter_context(
                closing(sqlite_rows.select(db, conditions, arguments))
            )
            for row in rows:
                if isinstance(row, Damage):
                    damaged.append(row)
                elif limit and len(records) == limit:
                    more = True
                    break
                else:
                    records.append(row)
        self._note(damaged)
        with self._noting:
            known = [d for k, d in self._damaged.items() if k.resource == resource]
        return Listing(records, revision, more, known)

    def changes(
        self, since: int, resource: str, namespace: str = "", *, limit: int = 0
    ) -> Sequence[Change]:
        with self._connections.reading() as db:
            return log.read(db, since, resource, namespace, limit)

    def damaged(self) -> Sequence[Damage]:
        with self._noting:
            return sorted(self._damaged.values(), key=lambda damage: damage.key)

    # -- writing

    def create(self, key: Key, value: bytes) -> int:
        def change(db: sqlite3.Connection) -> int:
            try:
                if sqlite_rows.find(db, key):
                    raise Exists(f"{key} is there already")
            except Damaged:
                sqlite_rows.set_aside(db, key)
            return self._put(db, key, ChangeType.ADDED, value, None)

        return self._write(key, change)

    def update(self, key: Key, value: bytes, *, expected: int) -> int:
        def change(db: sqlite3.Connection) -> int:
            previous = sqlite_rows.expected(db, key, expected)
            return self._put(db, key, ChangeType.MODIFIED, value, previous)

        return self._write(key, change)

    def delete(self, key: Key, value: bytes, *, expected: int) -> int:
        def change(db: sqlite3.Connection) -> int:
            previous = sqlite_rows.expected(db, key, expected)
            return self._put(db, key, ChangeType.DELETED, value, previous)

        return self._write(key, change)

    def discard(self, key: Key) -> int:
        def change(db: sqlite3.Connection) -> int:
            try:
                sqlite_rows.find(db, key)
            except Damaged:
                sqlite_rows.set_aside(db, key)
                value = _name_only(key)
                return self._put(db, key, ChangeType.DELETED, value, None)
            raise Missing(f"there is no damaged {key}")

        return self._write(key, change)

    def _write(self, key: Key, change: Callable[[sqlite3.Connection], int]) -> int:
        """In one transaction; wake the subscribers once it is on disk."""
        try:
            with self._connections.writing() as db:
                revision = change(db)
        except BaseException:
            self._changes.forget_size()
            raise
        with self._noting:
            self._damaged.pop(key, None)
        self._shrink()
        self._subscribers.wake(key.resource)
        return revision

    def _put(
        self,
        db: sqlite3.Connection,
        key: Key,
        kind: ChangeType,
        value: bytes,
        previous: tuple[int, bytes] | None,
    ) -> int:
        value.decode()  # refuses what is no text
        revision = self._changes.append(db, key, kind, value, previous=previous)
        sqlite_rows.put(db, key, kind, revision, value)
        return revision

    def _shrink(self) -> None:
        """Give back room that the file has had no use for.

        A failure is no failure of the write before it, and the next one tries again.
        """
        with suppress(StoreError), self._connections.between_writes() as db:
            spare: int = db.execute("PRAGMA freelist_count").fetchone()[0]
            if spare > _SPARE_PAGES:
                # `execute` would take one step of it, which frees one page.
                db.executescript(f"PRAGMA incremental_vacuum({_SPARE_PAGES})")

    def _note(self, damaged: Iterable[Damage]) -> None:
        for damage in damaged:
            with self._noting:
                is_new = damage.key not in self._damaged
                self._damaged.setdefault(damage.key, damage)
            if is_new:
                where = self._connections.path
                _log.error("%s: %s: %s", where, damage.key, damage.cause)

    # -- waking

    def subscribe(self, resource: str, wake: Callable[[], None]) -> Callable[[], None]:
        return self._subscribers.add(resource, wake)

    # -- the file

    @property
    def memory_only_reason(self) -> str:
        """Why changes are kept in memory only; empty if they are on disk."""
        return self._connections.memory_only_reason

    def unwritable_reason(self) -> str:
        return self._connections.unwritable_reason()

    def write_back(self) -> bool:
        """If changes are kept in memory only, write them; whether they are on disk."""
        return self._connections.write_back()

    def backup(self, path: Path) -> None:
        with self._connections.copying() as db:
            backup.write(db, path)

    def close(self) -> None:
        self._connections.close()


def _name_only(key: Key) -> bytes:
    meta = {"name": key.name, "namespace": key.namespace}
    return json.dumps({"metadata": {k: v for k, v in meta.items() if v}}).encode()
