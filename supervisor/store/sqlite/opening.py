"""Opening the database: its file is made, examined, or upgraded from an earlier format.

Rules
- A file that is no database, belongs to another program or to a later version of this
  one, or whose structure is damaged, is refused with a text that says which it is.
- An upgrade is one transaction: a process that dies in it leaves the earlier format.
"""

import re
import sqlite3
import uuid

from supervisor.model.lineage import FOREVER, UNMARKED
from supervisor.store.base import Key, StoreError
from supervisor.store.sqlite import lineage
from supervisor.store.sqlite import schema as schema
from supervisor.store.sqlite.checksum import checksum

_FIRST_WITH_CHECKSUMS = 3
#: Indexes and constraints of formats 1 and 2 read values, so a damaged value fails
#: SQLite's check there. The upgrade marks it, and goes on without them.
_DAMAGED_VALUE = re.compile(
    "malformed JSON|CHECK constraint failed in objects"
    "|(row .* missing from|wrong # of entries in) index objects_by_node"
)
_MAX_FINDINGS = 100


def open_database(path: str, *, begin: bool = True) -> sqlite3.Connection:
    """The first connection; with `begin`, a session begins.

    Raises StoreError, with sqlite3.Error as its cause if it is not the file's content
    that is wrong.
    """
    db: sqlite3.Connection | None = None
    try:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        examine(db, path)
        if _format(db) == 0:
            # Only while the file is empty, which the next statement ends.
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")
            db.execute("PRAGMA journal_mode = WAL").fetchall()
        db.close()
        db = schema.connect(path)
        upgrade(db)
        _allow_shrinking(db)
        if begin:
            # This also finds out whether the file can be written.
            lineage.begin_session(db)
    except sqlite3.Error as error:
        if db is not None:
            db.close()
        raise StoreError(f"cannot open the store {path}: {error}") from error
    except StoreError:
        if db is not None:
            db.close()
        raise
    return db


def examine(db: sqlite3.Connection, path: str) -> None:
    """Raises StoreError for a file that is not ours or not sound."""
    application: int = db.execute("PRAGMA application_id").fetchone()[0]
    version = _format(db)
    tables: int = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application != schema.APPLICATION_ID and (tables or application or version):
        raise StoreError(
            f"cannot open the store {path}: it is a database of another program"
        )
    if version > schema.FORMAT:
        raise StoreError(
            f"cannot open the store {path}: it has format {version}, and this version "
            f"of supervisor knows formats up to {schema.FORMAT}; use a newer supervisor"
        )
    found = [text for text in _findings(db) if text != "ok"]
    if version < _FIRST_WITH_CHECKSUMS:
        found = [text for text in found if not _DAMAGED_VALUE.search(text)]
    if found:
        raise StoreError(
            f"cannot open the store {path}: it is damaged ({found[0]}); "
            "restore it from a backup or from one of the daily snapshots beside it "
            "(`supervisor restore FILE`), or move it away to start anew"
        )


def _findings(db: sqlite3.Connection) -> list[str]:
    # Not quick_check: SQLite 3.40 (Debian 12) then sees NULLs in sound tables that have
    # no rowid and whose primary key begins with another column than the table.
    try:
        rows = db.execute(f"PRAGMA integrity_check({_MAX_FINDINGS})").fetchall()
    except sqlite3.OperationalError as error:
        if "malformed JSON" in str(error):
            return [str(error)]
        raise
    return [r[0].decode() if isinstance(r[0], bytes) else str(r[0]) for r in rows]


def upgrade(db: sqlite3.Connection) -> None:
    """Make the tables, or bring those of an earlier format up to this one."""
    version = _format(db)
    if version == schema.FORMAT:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        if version:
            _upgrade_from(db, version)
        else:
            _script(db, schema.TABLES)
            db.execute("INSERT INTO store VALUES (?)", (str(uuid.uuid4()),))
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {schema.FORMAT}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _upgrade_from(db: sqlite3.Connection, version: int) -> None:
    kept = db.execute("SELECT identity FROM store").fetchone() if version > 1 else None
    identity = kept[0].decode() if kept else str(uuid.uuid4())
    for name in ("owners_of_new", "owners_of_changed", "owners_of_gone"):
        db.execute(f"DROP TRIGGER {name}")
    for name in ("objects_by_node", "owners_by_key", "changes_by_resource"):
        db.execute(f"DROP INDEX {name}")
    db.execute("DROP TABLE IF EXISTS store")
    db.execute("DROP TABLE owners")
    db.execute("ALTER TABLE objects RENAME TO old_objects")
    db.execute("ALTER TABLE changes RENAME TO old_changes")
    _script(db, schema.TABLES)
    db.execute("INSERT INTO store VALUES (?)", (identity,))
    # Containers carry no identity yet: they are this store's.
    db.execute("INSERT INTO sessions VALUES (?, ?)", (UNMARKED, FOREVER))
    _copy_objects(db)
    _copy_changes(db)
    db.execute("DROP TABLE old_objects")
    db.execute("DROP TABLE old_changes")


def _copy_objects(db: sqlite3.Connection) -> None:
    node = schema.NODE_OF.format("text")
    sql = (
        "INSERT INTO objects SELECT ?1, ?2, ?3, ?4, ?5,"
        f" CASE WHEN json_valid(text) THEN {node} ELSE '' END, text"
        " FROM (SELECT CAST(?6 AS TEXT) AS text)"
    )
    rows = db.execute(
        "SELECT resource, namespace, name, revision, value, "
        "json_valid(value) FROM old_objects"
    )
    for *names, revision, value, is_valid in rows:
        key = Key(*(name.decode() for name in names))
        found = checksum(*key, revision, value)
        # What was damaged before there were checksums must not look sound now.
        db.execute(sql, (*key, revision, found if is_valid else found ^ 1, value))


def _copy_changes(db: sqlite3.Connection) -> None:
    sql = (
        "INSERT INTO changes VALUES"
        " (?, ?, ?, ?, ?, 0, 0, ?, ?, CAST(? AS TEXT), CAST(? AS TEXT))"
    )
    rows = db.execute(
        "SELECT revision, type, resource, namespace, name, value, previous"
        " FROM old_changes"
    )
    for revision, kind, *names, value, previous in rows:
        key = Key(*(name.decode() for name in names))
        size = len(value) + len(previous or b"")
        found = checksum(*key, revision, value)
        row = (revision, kind.decode(), *key, size, found, value, previous)
        db.execute(sql, row)


def _allow_shrinking(db: sqlite3.Connection) -> None:
    """Have a file of an earlier format rewritten, so that it can give room back.

    Where there is no room for that now, the next start tries again.
    """
    if db.execute("PRAGMA auto_vacuum").fetchone()[0]:
        return
    try:
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        db.execute("VACUUM")
    except sqlite3.OperationalError:
        return


def _script(db: sqlite3.Connection, script: str) -> None:
    """Unlike executescript, within the transaction that is open."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""


def _format(db: sqlite3.Connection) -> int:
    found: int = db.execute("PRAGMA user_version").fetchone()[0]
    return found
