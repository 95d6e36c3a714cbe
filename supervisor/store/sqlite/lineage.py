"""Identity and sessions, as the SQLite store keeps them."""

import sqlite3
import uuid
from collections.abc import Iterable

from supervisor.model.lineage import FOREVER, Lineage
from supervisor.store.sqlite import log

_MAX_SESSIONS = 2000
"""The oldest are forgotten: no container is as old as thousands of restarts."""


def begin_session(db: sqlite3.Connection) -> None:
    """From now on a process has the store open. One transaction."""
    db.execute("BEGIN IMMEDIATE")
    try:
        last = log.revision(db)
        db.execute("UPDATE sessions SET last = ? WHERE last IS NULL", (last,))
        db.execute("INSERT INTO sessions VALUES (?, NULL)", (uuid.uuid4().hex,))
        db.execute(
            "DELETE FROM sessions WHERE rowid <="
            " (SELECT max(rowid) FROM sessions) - ? AND last != ?",
            (_MAX_SESSIONS, FOREVER),
        )
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def read(db: sqlite3.Connection) -> Lineage:
    identity: bytes = db.execute("SELECT identity FROM store").fetchone()[0]
    sessions = db.execute("SELECT session, last FROM sessions").fetchall()
    present = [name.decode() for name, last in sessions if last is None]
    return Lineage(
        identity.decode(),
        present[-1] if present else "none",
        log.revision(db),
        {name.decode(): last for name, last in sessions if last is not None},
    )


def accept_sessions(db: sqlite3.Connection, sessions: Iterable[str]) -> None:
    """Count all that was written in these sessions as known."""
    present = read(db).session
    for session in sessions:
        if session != present:
            db.execute("DELETE FROM sessions WHERE session = ?", (session,))
            db.execute("INSERT INTO sessions VALUES (?, ?)", (session, FOREVER))


def revoke_session(db: sqlite3.Connection, session: str) -> None:
    """Undo `settle`. What a session of this store's own has written stays known."""
    db.execute(
        "DELETE FROM sessions WHERE session = ? AND last = ?", (session, FOREVER)
    )


def renew(db: sqlite3.Connection, *, skipping: int) -> None:
    """Give a copy an identity of its own. It goes on `skipping` revisions later, since
    clients may have seen more than the copy has.
    """
    last = log.revision(db)
    db.execute("UPDATE sessions SET last = ? WHERE last IS NULL", (last,))
    db.execute("UPDATE store SET identity = ?", (str(uuid.uuid4()),))
    log.skip(db, last + skipping)
