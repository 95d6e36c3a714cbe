"""The tables of the SQLite store, and how its connections are opened.

Rules
- A file that is no database, belongs to another program or to a later version of this
  one, or is damaged, is refused at open with a text that says which it is.
- The table of owners follows `objects` by triggers, so that the two never differ.
- Text is read as bytes, since values travel as bytes.
"""

import re
import sqlite3
import uuid
from collections.abc import Mapping

from supervisor.store.base import StoreError

FORMAT = 2
#: Marks the file as ours: "spvs".
APPLICATION_ID = 0x73707673

_PRAGMAS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA busy_timeout = 10000;
PRAGMA cache_size = -2000;
PRAGMA recursive_triggers = OFF;
"""

_NODE = "ifnull(json_extract(value, '$.spec.nodeName'), '')"

# Values stand outside of the tables' unique indexes, since they may be large. The
# columns of a table without row ids stand in the order of its key: SQLite 3.40 finds
# damage in every other such table (quick_check).
_TABLES = f"""
BEGIN IMMEDIATE;
CREATE TABLE objects (
    resource TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    revision INTEGER NOT NULL,
    value TEXT NOT NULL CHECK (json_valid(value)),
    UNIQUE (resource, namespace, name)
);
CREATE INDEX objects_by_node ON objects (resource, {_NODE}, namespace, name);
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
    value TEXT NOT NULL,
    previous TEXT
);
CREATE INDEX changes_by_resource ON changes (resource, revision);
CREATE TRIGGER owners_of_new AFTER INSERT ON objects BEGIN
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
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = 1;
COMMIT;
"""

# Format 2 gives the store an identity: one row.
_UPGRADE_TO_2 = """
BEGIN IMMEDIATE;
CREATE TABLE store (identity TEXT NOT NULL);
INSERT INTO store VALUES ('{identity}');
PRAGMA user_version = 2;
COMMIT;
"""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def connect(path: str) -> sqlite3.Connection:
    """A connection to a database that has its tables; any thread may use it."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.text_factory = bytes
    db.executescript(_PRAGMAS)
    return db


def open_database(path: str) -> sqlite3.Connection:
    """The first connection: the file is made if missing, and examined if not."""
    try:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise StoreError(f"cannot open the store {path}: {error}") from error
    try:
        _examine(db, path)
        db.close()
        db = connect(path)
        _upgrade(db)
    except sqlite3.Error as error:
        db.close()
        raise StoreError(f"cannot open the store {path}: {error}") from error
    except StoreError:
        db.close()
        raise
    return db


def _upgrade(db: sqlite3.Connection) -> None:
    """Make the tables, or bring those of an earlier format up to this one.

    Each step is one transaction, so a process that dies in between goes on later.
    """
    if _format(db) == 0:
        db.executescript(_TABLES)
    if _format(db) == 1:
        db.executescript(_UPGRADE_TO_2.format(identity=uuid.uuid4()))


def _format(db: sqlite3.Connection) -> int:
    found: int = db.execute("PRAGMA user_version").fetchone()[0]
    return found


def identity(db: sqlite3.Connection) -> str:
    found: bytes = db.execute("SELECT identity FROM store").fetchone()[0]
    return found.decode()


def _examine(db: sqlite3.Connection, path: str) -> None:
    application: int = db.execute("PRAGMA application_id").fetchone()[0]
    version = _format(db)
    tables: int = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application != APPLICATION_ID and (tables or application or version):
        raise StoreError(
            f"cannot open the store {path}: it is a database of another program"
        )
    if version > FORMAT:
        raise StoreError(
            f"cannot open the store {path}: it has format {version}, and this version "
            f"of supervisor knows formats up to {FORMAT}; use a newer supervisor"
        )
    # Not quick_check: SQLite 3.40 (Debian 12) then sees NULLs in sound tables that have
    # no rowid and whose primary key begins with another column than the table.
    found = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreError(
            f"cannot open the store {path}: it is damaged ({found}); "
            "restore it from a backup, or move it away to start anew"
        )


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
        return f"{_NODE} = ?"
    # A path becomes part of the statement, so that it may hold words only.
    words = path.split(".")
    if not all(_WORD.fullmatch(word) for word in words):
        raise StoreError(f"{path!r} is not a path of words joined by dots")
    dotted = "".join(f'."{word}"' for word in words)
    return f"ifnull(json_extract(value, '${dotted}'), '') = ?"
