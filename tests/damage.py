"""Damage to a record of an open store, as a disk does it: behind the store's back."""

from supervisor.store.base import Key
from supervisor.store.sqlite.store import SqliteStore


def damage(store: SqliteStore, resource: str, namespace: str, name: str) -> None:
    """Let the record's bytes and its checksum differ."""
    key = Key(resource, namespace, name)
    with store._connections.writing() as db:
        done = db.execute(
            "UPDATE objects SET checksum = checksum + 1"
            " WHERE resource = ? AND namespace = ? AND name = ?",
            key,
        )
    assert done.rowcount == 1, f"there is no {key}"
