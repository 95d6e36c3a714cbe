"""Objects as rows of the SQLite store, each with a checksum over what was written."""

import sqlite3
from collections.abc import Generator

from supervisor.store.base import (
    ChangeType,
    Damage,
    Damaged,
    Key,
    Missing,
    Record,
    Stale,
)
from supervisor.store.sqlite import schema as schema
from supervisor.store.sqlite.checksum import checksum

_AT = "WHERE resource = ? AND namespace = ? AND name = ?"
_WRONG_SUM = "its bytes are not those that were written (checksum)"


def find(db: sqlite3.Connection, key: Key) -> Record | None:
    """Raises Damaged."""
    row = db.execute(
        f"SELECT revision, checksum, value FROM objects {_AT}", key
    ).fetchone()
    if row is None:
        return None
    found = record(key, *row)
    if isinstance(found, Damage):
        raise Damaged(f"{_title(key)} is damaged in the store: {found.cause}")
    return found


def expected(db: sqlite3.Connection, key: Key, at: int) -> tuple[int, bytes]:
    """The revision and the value to be replaced. Raises Missing, Stale, Damaged."""
    found = find(db, key)
    if found is None:
        raise Missing(f"{key} is not there")
    if found.revision != at:
        raise Stale(f"{key} is at revision {found.revision}, not at {at}")
    return found.revision, found.value


def record(key: Key, revision: int, expected_sum: int, value: bytes) -> Record | Damage:
    if checksum(*key, revision, value) != expected_sum:
        return Damage(key, _WRONG_SUM)
    return Record(key, revision, value)


def select(
    db: sqlite3.Connection, condition: str, arguments: list[object]
) -> Generator[Record | Damage, None, None]:
    """In the order of namespace and name."""
    rows = db.execute(
        "SELECT resource, namespace, name, revision, checksum, value FROM objects"
        f" WHERE {condition} ORDER BY resource, namespace, name",
        arguments,
    )
    for resource, space, name, revision, found, value in rows:
        key = Key(resource.decode(), space.decode(), name.decode())
        yield record(key, revision, found, value)


def put(
    db: sqlite3.Connection, key: Key, kind: ChangeType, revision: int, value: bytes
) -> None:
    found = checksum(*key, revision, value)
    if kind is ChangeType.ADDED:
        db.execute(
            "INSERT INTO objects SELECT ?1, ?2, ?3, ?4, ?5,"
            f" {schema.NODE_OF.format('text')}, text"
            " FROM (SELECT CAST(?6 AS TEXT) AS text)",
            (*key, revision, found, value),
        )
    elif kind is ChangeType.MODIFIED:
        db.execute(
            "UPDATE objects SET revision = ?1, checksum = ?2,"
            f" node = {schema.NODE_OF.format('CAST(?3 AS TEXT)')},"
            " value = CAST(?3 AS TEXT)"
            " WHERE resource = ?4 AND namespace = ?5 AND name = ?6",
            (revision, found, value, *key),
        )
    else:
        db.execute(f"DELETE FROM objects {_AT}", key)


def set_aside(db: sqlite3.Connection, key: Key) -> None:
    """Move a damaged record to where nobody reads, but a person who repairs it."""
    db.execute(
        "INSERT INTO quarantine SELECT resource, namespace, name, revision,"
        f" CAST(value AS BLOB) FROM objects {_AT}",
        key,
    )
    db.execute(f"DELETE FROM objects {_AT}", key)


def _title(key: Key) -> str:
    return f'{key.resource} "{f"{key.namespace}/{key.name}".lstrip("/")}"'
