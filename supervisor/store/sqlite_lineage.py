"""Identity, ancestors and gaps, as the SQLite store keeps them."""

import sqlite3
import uuid
from collections.abc import Iterable

from supervisor.model.lineage import FOREVER, Lineage
from supervisor.store import sqlite_log


def read(db: sqlite3.Connection) -> Lineage:
    identity: bytes = db.execute("SELECT identity FROM store").fetchone()[0]
    ancestors = db.execute("SELECT identity, revision FROM ancestors").fetchall()
    gaps = db.execute("SELECT after, until FROM gaps ORDER BY after").fetchall()
    return Lineage(
        identity.decode(),
        sqlite_log.revision(db),
        {name.decode(): revision for name, revision in ancestors},
        tuple(gaps),
    )


def skip(db: sqlite3.Connection, to: int) -> None:
    """Note that this identity had come as far as `to`, and go on there."""
    newest = sqlite_log.revision(db)
    if to > newest:
        db.execute("INSERT INTO gaps VALUES (?, ?)", (newest, to))
        sqlite_log.skip(db, to)


def settle(db: sqlite3.Connection, identities: Iterable[str]) -> None:
    db.execute("DELETE FROM gaps")
    own = read(db).identity
    for identity in identities:
        if identity != own:
            db.execute("DELETE FROM ancestors WHERE identity = ?", (identity,))
            db.execute("INSERT INTO ancestors VALUES (?, ?)", (identity, FOREVER))


def renew(db: sqlite3.Connection, *, skipping: int) -> None:
    """Give a copy an identity of its own, which continues that of the original.

    The revision goes on `skipping` later, since the original may have come further.
    """
    before = read(db)
    db.execute("UPDATE store SET identity = ?", (str(uuid.uuid4()),))
    # The gaps of an identity are those of its revisions; the last shared one is before.
    shared = min([before.revision, *(after for after, _ in before.gaps)])
    db.execute("DELETE FROM gaps")
    db.execute("INSERT INTO ancestors VALUES (?, ?)", (before.identity, shared))
    sqlite_log.skip(db, before.revision + skipping)
