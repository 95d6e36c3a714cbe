"""Copies of a SQLite store: made while it is in use, verified, and taken back.

Rules
- A copy appears at its path whole and verified, or not at all.
- A store that is taken back gets an identity of its own, and goes on at a much later
  revision: containers and clients may know of more than the copy does.
- The store that a copy replaces is kept beside it.
"""

import os
import sqlite3
from pathlib import Path

from supervisor.store.base import Damage, StoreError
from supervisor.store.sqlite import lineage
from supervisor.store.sqlite import rows as sqlite_rows
from supervisor.store.sqlite import schema as schema
from supervisor.store.sqlite.opening import examine, open_database

_PAGES_AT_ONCE = 1000
_REVISIONS_SKIPPED = 1_000_000
_SUFFIXES = ("", "-wal", "-shm")


def write(db: sqlite3.Connection, path: Path) -> None:
    """Copy what `db` reads to the new file `path`. Raises StoreError, OSError."""
    if path.exists():
        raise FileExistsError(
            17, "exists already; a backup never overwrites", str(path)
        )
    draft = path.with_name(f".{path.name}.part")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        copy = sqlite3.connect(draft, isolation_level=None)
        try:
            db.backup(copy, pages=_PAGES_AT_ONCE)
            # One file, whole, without a log beside it.
            copy.execute("PRAGMA journal_mode = DELETE").fetchall()
        finally:
            copy.close()
        verify(draft)
        _sync(draft)
        draft.rename(path)
        _sync(path.parent)
    except sqlite3.Error as error:
        raise StoreError(f"cannot write the backup {path}: {error}") from error
    finally:
        draft.unlink(missing_ok=True)


def verify(path: Path) -> int:
    """The number of objects in a backup, which is sound. Raises StoreError."""
    if not path.is_file() or not path.stat().st_size:
        raise StoreError(f"{path} is no backup: there is no such file, or it is empty")
    uri = f"{path.absolute().as_uri()}?mode=ro"
    db = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        examine(db, str(path))
        db.text_factory = bytes
        if db.execute("PRAGMA user_version").fetchone()[0] != schema.FORMAT:
            return int(db.execute("SELECT count(*) FROM objects").fetchone()[0])
        rows = list(sqlite_rows.select(db, "true", []))
    except sqlite3.Error as error:
        raise StoreError(f"cannot read the backup {path}: {error}") from error
    finally:
        db.close()
    return sum(not isinstance(row, Damage) for row in rows)


def restore(backup: Path, store: Path, *, aside: Path) -> int:
    """Put a copy of `backup` in the place of `store`, which nobody may have open.

    The store that is there is moved to `aside`. Returns the number of objects. Raises
    StoreError, OSError; the store that was there is then still there.
    """
    count = verify(backup)
    draft = store.with_name(f".{store.name}.restored")
    for suffix in _SUFFIXES:
        Path(f"{draft}{suffix}").unlink(missing_ok=True)
    try:
        _copy(backup, draft)
        renewed = open_database(str(draft), begin=False)
        try:
            renewed.execute("BEGIN IMMEDIATE")
            lineage.renew(renewed, skipping=_REVISIONS_SKIPPED)
            renewed.execute("COMMIT")
            renewed.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            renewed.close()
        _sync(draft)
        _give_to_owner(draft, store.parent)
        _move(store, aside)
        draft.rename(store)
        _sync(store.parent)
    except sqlite3.Error as error:
        raise StoreError(f"cannot restore {backup}: {error}") from error
    finally:
        for suffix in _SUFFIXES:
            Path(f"{draft}{suffix}").unlink(missing_ok=True)
    return count


def _copy(backup: Path, draft: Path) -> None:
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    uri = f"{backup.absolute().as_uri()}?mode=ro"
    source = sqlite3.connect(uri, uri=True, isolation_level=None)
    target = sqlite3.connect(draft, isolation_level=None)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()


def _give_to_owner(draft: Path, folder: Path) -> None:
    """Root may restore the store of a daemon that is somebody else."""
    owner = folder.stat()
    if os.geteuid() == 0:
        os.chown(draft, owner.st_uid, owner.st_gid)


def _move(store: Path, aside: Path) -> None:
    # The log first: without its database nobody would read it as another's.
    for suffix in reversed(_SUFFIXES):
        part = Path(f"{store}{suffix}")
        if part.exists():
            part.rename(f"{aside}{suffix}")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
