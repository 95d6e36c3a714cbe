"""The connections to one database: one that writes, and some that read beside it.

Rules
- One writer at a time, held by a lock; readers have connections of their own and see
  whole transactions only. In memory there is one connection for all.
- A write is refused when the file is no longer at its path: it would be lost.
- A database that exists and cannot be written any more, such as on a full disk, is
  copied into memory, and all reads and writes go there. `memory_only_reason` tells
  callers, which must not acknowledge users' writes meanwhile. `write_back` writes the
  copy to the file when there is room again. No other process has the file open, so the
  copy is always newer than the file.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from supervisor.store.base import StoreError, Unwritable
from supervisor.store.sqlite import lineage
from supervisor.store.sqlite import schema as schema
from supervisor.store.sqlite.file import OpenFile
from supervisor.store.sqlite.opening import examine, open_database, upgrade

MEMORY = ":memory:"
_IDLE_READERS = 4
_NOT_WRITABLE = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
)
_PRIMARY_CODE = 0xFF


class Connections:
    def __init__(self, path: str) -> None:
        """Raises StoreError."""
        self.path = path
        self._writing = threading.RLock()
        #: Connections that no thread reads with at present.
        self._readers: list[sqlite3.Connection] = []
        self._borrowing = threading.Lock()
        self._closed = False
        #: Why the database is in memory although it has a file.
        self._memory_only_reason = ""
        self._file: OpenFile | None = None
        try:
            self._writer = open_database(path)
        except StoreError as error:
            self._writer = _in_memory(path, error)
            self._memory_only_reason = _cause(error)
        self._in_memory = path == MEMORY or bool(self._memory_only_reason)
        if not self._in_memory:
            self._follow_file()

    def _follow_file(self) -> None:
        # The log's file is there once something was read.
        self._writer.execute("SELECT count(*) FROM store").fetchone()
        self._file = OpenFile(self.path)

    @property
    def memory_only_reason(self) -> str:
        """Why writes are kept in memory only; empty if they are not."""
        return self._memory_only_reason

    def unwritable_reason(self) -> str:
        """Why nothing can be written to the file at present; empty if all is well."""
        if self._memory_only_reason:
            return self._memory_only_reason
        return self._file.trouble() if self._file else ""

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; it is on disk when this returns."""
        with self._writing, translated(self.path):
            self._refuse_when_closed()
            self._refuse_when_lost()
            db = self._writer
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException as error:
                # SQLite has already rolled back after some errors, a full disk
                # among them.
                if db.in_transaction:
                    db.execute("ROLLBACK")
                if _code(error) in _NOT_WRITABLE and not self._in_memory:
                    self._go_on_in_memory(error)
                raise
            self._refuse_when_lost()

    def _go_on_in_memory(self, cause: BaseException) -> None:
        """Further writes must not fail: this one does, and is tried again."""
        copy = sqlite3.connect(MEMORY, isolation_level=None, check_same_thread=False)
        copy.text_factory = bytes
        self._writer.backup(copy)
        with self._borrowing:
            while self._readers:
                self._readers.pop().close()
            self._writer.close()
            self._file, self._in_memory = None, True
            self._memory_only_reason = f"cannot write to the store {self.path}: {cause}"
            self._writer = copy

    @contextmanager
    def between_writes(self) -> Iterator[sqlite3.Connection]:
        """The writer's connection outside of any transaction."""
        with self._writing, translated(self.path):
            self._refuse_when_closed()
            yield self._writer

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection within one read transaction: all it reads is one revision."""
        if self._in_memory:
            with self._writing, translated(self.path):
                self._refuse_when_closed()
                yield self._writer
            return
        with translated(self.path):
            db = self._borrow()
            if db is None:
                with self.between_writes() as only:
                    yield only
                return
            try:
                db.execute("BEGIN")
                yield db
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                self._give_back(db)

    @contextmanager
    def copying(self) -> Iterator[sqlite3.Connection]:
        """A connection from which a copy is made, outside of any transaction.

        If the file was removed or replaced, only those still open have its contents.
        """
        if self._in_memory or self.unwritable_reason():
            with self.between_writes() as db:
                yield db
            return
        with translated(self.path):
            db = schema.connect(self.path)
            try:
                yield db
            finally:
                db.close()

    def write_back(self) -> bool:
        """Write what is in memory to its file; whether the file is in use (again)."""
        with self._writing:
            if not self._memory_only_reason or self._closed:
                return True
            try:
                target = sqlite3.connect(self.path, isolation_level=None)
                try:
                    self._writer.backup(target)
                finally:
                    target.close()
                db = schema.connect(self.path)
                db.execute("BEGIN IMMEDIATE")
                db.execute("COMMIT")
            except sqlite3.Error:
                return False
            self._writer.close()
            self._writer, self._memory_only_reason, self._in_memory = db, "", False
            self._follow_file()
            return True

    def close(self) -> None:
        with self._writing, self._borrowing:
            self._closed = True
            while self._readers:
                self._readers.pop().close()
            self._writer.close()

    def _borrow(self) -> sqlite3.Connection | None:
        """None when only the writer's connection has the file still open."""
        with self._borrowing:
            self._refuse_when_closed()
            if self._readers:
                return self._readers.pop()
        if self._file and self._file.trouble():
            return None
        return schema.connect(self.path)

    def _give_back(self, db: sqlite3.Connection) -> None:
        with self._borrowing:
            if not self._closed and len(self._readers) < _IDLE_READERS:
                self._readers.append(db)
                return
        db.close()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StoreError(f"the store {self.path} is closed")

    def _refuse_when_lost(self) -> None:
        if self._file and (trouble := self._file.trouble()):
            raise Unwritable(trouble)


@contextmanager
def translated(path: str) -> Iterator[None]:
    """SQLite's own errors (disk full, file damaged, …) as StoreError."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        kind = Unwritable if _code(error) in _NOT_WRITABLE else StoreError
        raise kind(f"the store {path} failed: {error}") from error


def _code(error: BaseException | None) -> int:
    return (getattr(error, "sqlite_errorcode", None) or 0) & _PRIMARY_CODE


def _cause(error: StoreError) -> str:
    return str(error).replace("cannot open the store", "cannot write to the store", 1)


def _in_memory(path: str, error: StoreError) -> sqlite3.Connection:
    """The database in a file that cannot be written, read into memory.

    Raises `error` if that is not what is wrong, or if the file cannot be read either.
    """
    file = Path(path)
    unwritable = _code(error.__cause__) in _NOT_WRITABLE
    if not unwritable or not file.is_file() or not file.stat().st_size:
        raise error
    try:
        source = _readable(file)
    except sqlite3.Error:
        raise error from error.__cause__
    copy = sqlite3.connect(MEMORY, isolation_level=None, check_same_thread=False)
    try:
        source.backup(copy)
        examine(copy, path)
        copy.text_factory = bytes
        upgrade(copy)
        lineage.begin_session(copy)
    except sqlite3.Error:
        copy.close()
        raise error from error.__cause__
    except StoreError:
        copy.close()
        raise
    finally:
        source.close()
    return copy


def _readable(file: Path) -> sqlite3.Connection:
    """A connection that needs no further file. Raises sqlite3.Error."""
    db = sqlite3.connect(file, isolation_level=None)
    try:
        # Alone with the file, SQLite keeps the index of its log in memory.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error:
        db.close()
        log = Path(f"{file}-wal")
        if log.exists() and log.stat().st_size:
            raise  # what is in the log would be missing
        uri = f"{file.absolute().as_uri()}?immutable=1"
        db = sqlite3.connect(uri, uri=True, isolation_level=None)
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return db
