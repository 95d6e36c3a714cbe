"""The tables of the SQLite store, and the conditions of its lists.

Rules
- The table of owners follows `objects` by triggers, so that the two never differ.
- No index and no constraint reads a value: SQLite evaluates them again whenever it
  checks or changes a row, and would fail on a value that is damaged.
- Text is read as bytes, since values travel as bytes.
"""

import re
import sqlite3
from collections.abc import Mapping

from supervisor.store.base import StoreError

FORMAT = 3
#: Marks the file as ours: "spvs".
APPLICATION_ID = 0x73707673

_PRAGMAS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA busy_timeout = 10000;
PRAGMA cache_size = -2000;
PRAGMA journal_size_limit = 4194304;
PRAGMA recursive_triggers = OFF;
"""

# Values stand outside of the tables' unique indexes, and last, since they may be large.
# The columns of a table without row ids stand in the order of its key: SQLite 3.40
# finds damage in every other such table (quick_check).
TABLES = """
CREATE TABLE store (identity TEXT NOT NULL);
CREATE TABLE sessions (session TEXT NOT NULL, last INTEGER);
CREATE TABLE objects (
    resource TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    revision INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    node TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (resource, namespace, name)
);
CREATE INDEX objects_by_node ON objects (resource, node, namespace, name);
CREATE TABLE quarantine (
    resource TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    revision INTEGER NOT NULL,
    value BLOB NOT NULL
);
CREATE TABLE owners (
    uid TEXT NOT NULL,
    resource TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (uid, resource, namespace, name)
) WITHOUT ROWID;
CREATE INDEX owners_by_key ON owners (resource, namespace, name);
CREATE TABLE changes (
    revision INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    resource TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    replaced INTEGER NOT NULL,
    replaced_checksum INTEGER NOT NULL,
    size INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    value TEXT NOT NULL,
    previous TEXT
);
CREATE INDEX changes_by_resource ON changes (resource, revision);
CREATE TRIGGER owners_of_new AFTER INSERT ON objects WHEN json_valid(new.value) BEGIN
    INSERT OR IGNORE INTO owners
    SELECT json_extract(each.value, '$.uid'), new.resource, new.namespace, new.name
    FROM json_each(new.value, '$.metadata.ownerReferences') AS each
    WHERE json_extract(each.value, '$.uid') IS NOT NULL;
END;
CREATE TRIGGER owners_of_changed AFTER UPDATE ON objects BEGIN
    DELETE FROM owners WHERE resource = new.resource
        AND namespace = new.namespace AND name = new.name;
    INSERT OR IGNORE INTO owners
    SELECT json_extract(each.value, '$.uid'), new.resource, new.namespace, new.name
    FROM json_each(new.value, '$.metadata.ownerReferences') AS each
    WHERE json_extract(each.value, '$.uid') IS NOT NULL;
END;
CREATE TRIGGER owners_of_gone AFTER DELETE ON objects BEGIN
    DELETE FROM owners WHERE resource = old.resource
        AND namespace = old.namespace AND name = old.name;
END;
"""

NODE_OF = "ifnull(json_extract({0}, '$.spec.nodeName'), '')"
"""The node of an object, by the SQL of its value."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def connect(path: str) -> sqlite3.Connection:
    """A connection to a database that has its tables; any thread may use it."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.text_factory = bytes
    db.executescript(_PRAGMAS)
    return db


def conditions(
    resource: str, namespace: str, where: Mapping[str, str]
) -> tuple[str, list[object]]:
    """The SQL condition of a list, and its arguments."""
    terms = ["resource = ?"]
    arguments: list[object] = [resource]
    if namespace:
        terms.append("namespace = ?")
        arguments.append(namespace)
    for path, wanted in where.items():
        terms.append(_term(path))
        arguments.append(wanted)
    return " AND ".join(terms), arguments


def _term(path: str) -> str:
    if path == "owner":
        return (
            "(resource, namespace, name) IN"
            " (SELECT resource, namespace, name FROM owners WHERE uid = ?)"
        )
    if path in ("metadata.name", "metadata.namespace"):
        return f"{path.removeprefix('metadata.')} = ?"
    if path == "spec.nodeName":
        return "node = ?"
    # A path becomes part of the statement, so that it may hold words only.
    words = path.split(".")
    if not all(_WORD.fullmatch(word) for word in words):
        raise StoreError(f"{path!r} is not a path of words joined by dots")
    dotted = "".join(f'."{word}"' for word in words)
    found = f"ifnull(json_extract(value, '${dotted}'), '')"
    # A damaged value must not fail the whole list.
    return f"CASE WHEN json_valid(value) THEN {found} END = ?"
