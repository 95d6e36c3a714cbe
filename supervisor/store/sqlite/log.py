"""The log of changes in the SQLite store: a table, bounded by rows and by bytes.

Rules
- The newest revision is the log's last row, the oldest replayable one its first: the
  log is never empty once written to, and there is no second place to keep either.
- The value before a change is that of an earlier row, and is copied only when that row
  is dropped: of each object the log holds at most one value more than it had changes.
- What is too much is dropped in batches, so that few writes pay for it.
"""

import sqlite3
from collections.abc import Sequence

from supervisor.store.base import Change, ChangeType, Compacted, Key
from supervisor.store.sqlite.checksum import checksum

_MAX_ROWS = 2**31
_KEPT_SHARE = 0.75
"""Of the bytes allowed, after there were too many."""


class Log:
    """How long the log may become. Used by the one who writes."""

    def __init__(self, keep_changes: int, keep_bytes: int) -> None:
        self._keep_changes = keep_changes
        self._keep_bytes = keep_bytes
        #: Bytes of all values; None when they have to be counted.
        self._bytes: int | None = None

    def append(
        self,
        db: sqlite3.Connection,
        key: Key,
        kind: ChangeType,
        value: bytes,
        *,
        previous: tuple[int, bytes] | None,
    ) -> int:
        """Add a change, return its revision. `previous` is (revision, value)."""
        newest = revision(db) + 1
        replaced, before = previous or (0, None)
        replaced_sum = checksum(*key, replaced, before) if before is not None else 0
        if before is not None and _has(db, replaced):
            before = None
        size = len(value) + len(before or b"")
        db.execute(
            "INSERT INTO changes VALUES"
            " (?, ?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS TEXT), CAST(? AS TEXT))",
            (
                newest,
                kind.value,
                *key,
                replaced,
                replaced_sum,
                size,
                checksum(*key, newest, value),
                value,
                before,
            ),
        )
        self._bytes = _size(db) if self._bytes is None else self._bytes + size
        self._shorten(db, newest)
        return newest

    def forget_size(self) -> None:
        """The last change was taken back."""
        self._bytes = None

    def _shorten(self, db: sqlite3.Connection, newest: int) -> None:
        batch = max(1, self._keep_changes // 20)
        if newest % batch == 0:
            self._drop(db, newest - self._keep_changes)
        if (self._bytes or 0) > self._keep_bytes:
            self._drop(db, min(self._surplus(db), newest - 1))

    def _surplus(self, db: sqlite3.Connection) -> int:
        """The newest revision that has to go for the bytes to be few enough."""
        left = int(self._keep_bytes * _KEPT_SHARE)
        rows = db.execute("SELECT revision, size FROM changes ORDER BY revision DESC")
        for at, size in rows:
            left -= size
            if left < 0:
                return int(at)
        return 0

    def _drop(self, db: sqlite3.Connection, until: int) -> None:
        value = "(SELECT p.value FROM changes AS p WHERE p.revision = changes.replaced)"
        db.execute(
            f"UPDATE changes SET previous = {value},"
            f" size = size + ifnull(length(CAST({value} AS BLOB)), 0)"
            " WHERE previous IS NULL AND replaced BETWEEN 1 AND ?1 AND revision > ?1",
            (until,),
        )
        db.execute("DELETE FROM changes WHERE revision <= ?", (until,))
        self._bytes = _size(db)


def revision(db: sqlite3.Connection) -> int:
    newest: int | None = db.execute("SELECT max(revision) FROM changes").fetchone()[0]
    return newest or 0


def skip(db: sqlite3.Connection, to: int) -> None:
    """Begin the log anew, with a row that nobody reads."""
    db.execute("DELETE FROM changes")
    row = (to, ChangeType.MODIFIED.value, "", "", "", 0, 0, 2, 0, "{}", None)
    db.execute("INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def read(
    db: sqlite3.Connection, since: int, resource: str, namespace: str, limit: int
) -> Sequence[Change]:
    """Raises Compacted."""
    _check_reach(db, since)
    sql = (
        "SELECT c.revision, c.type, c.namespace, c.name, c.checksum, c.value,"
        " c.replaced, c.replaced_checksum, ifnull(c.previous, p.value)"
        " FROM changes AS c LEFT JOIN changes AS p"
        " ON p.revision = c.replaced AND c.previous IS NULL"
        " WHERE c.resource = ? AND c.revision > ?"
    )
    arguments: list[object] = [resource, since]
    if namespace:
        sql += " AND c.namespace = ?"
        arguments.append(namespace)
    sql += " ORDER BY c.revision LIMIT ?"
    arguments.append(limit or _MAX_ROWS)
    rows = db.execute(sql, arguments).fetchall()
    return [_change(resource, row) for row in rows]


def _change(resource: str, row: tuple[object, ...]) -> Change:
    at, kind, space, name, found, value, replaced, replaced_sum, previous = row
    assert isinstance(at, int) and isinstance(replaced, int)
    assert isinstance(kind, bytes) and isinstance(value, bytes)
    assert isinstance(space, bytes) and isinstance(name, bytes)
    assert previous is None or isinstance(previous, bytes)
    key = Key(resource, space.decode(), name.decode())
    sound = checksum(*key, at, value) == found
    if previous is not None and replaced_sum:
        sound = sound and checksum(*key, replaced, previous) == replaced_sum
    if not sound:
        # Whoever reads the log lists again, and goes on behind it.
        raise Compacted(f"the change {at} in the log is damaged: list again")
    return Change(at, ChangeType(kind.decode()), key, value, previous)


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


def _has(db: sqlite3.Connection, at: int) -> bool:
    found = db.execute("SELECT 1 FROM changes WHERE revision = ?", (at,)).fetchone()
    return found is not None


def _size(db: sqlite3.Connection) -> int:
    total: int = db.execute("SELECT total(size) FROM changes").fetchone()[0]
    return int(total)
