"""Values whose bytes have changed on disk, where SQLite's own check sees nothing."""

import sqlite3
from pathlib import Path

import pytest

from supervisor.store.base import Compacted, Damaged, Key, Missing
from supervisor.store.sqlite.store import SqliteStore

WEB = Key("pods", "default", "web")
API = Key("pods", "default", "api")
POD = (
    b'{"metadata":{"name":"%s","ownerReferences":[{"uid":"u1"}]},'
    b'"spec":{"nodeName":"n1"}}'
)


def made(path: Path) -> SqliteStore:
    store = SqliteStore(path)
    store.create(WEB, POD % b"web")
    store.create(API, POD % b"api")
    return store


def flip(path: Path, old: bytes, new: bytes) -> None:
    """Change bytes of the closed database wherever they are."""
    content = path.read_bytes()
    assert len(old) == len(new) and old in content
    path.write_bytes(content.replace(old, new))


@pytest.fixture(params=["not JSON any more", "another node", "not UTF-8 any more"])
def damaged(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A closed store in whose pod web one byte is another."""
    path = tmp_path / "store.db"
    made(path).close()
    flip(
        path,
        *{
            "not JSON any more": (
                b'{"metadata":{"name":"web"',
                b'}"metadata":{"name":"web"',
            ),
            "another node": (
                b'"web","ownerReferences":[{"uid":"u1"}]},"spec":{"nodeName":"n1"',
                b'"web","ownerReferences":[{"uid":"u1"}]},"spec":{"nodeName":"n2"',
            ),
            "not UTF-8 any more": (b'{"name":"web"', b'{"name":"w\xffb"'),
        }[request.param],
    )
    return path


def test_a_damaged_record_is_left_out_and_told_of(damaged: Path) -> None:
    """The others of its kind are listed, by every way of listing them."""
    store = SqliteStore(damaged)

    assert [d.key for d in store.damaged()] == [WEB]
    for where in ({}, {"spec.nodeName": "n1"}, {"owner": "u1"}, {"status.phase": ""}):
        listing = store.list("pods", where=where)
        assert [r.key for r in listing.records] == [API]
        assert [d.key for d in listing.damaged] == [WEB]
    first = store.list("pods", limit=1)
    assert [r.key for r in first.records] == [API] and not first.more
    with pytest.raises(Damaged, match='pods "default/web" is damaged'):
        store.get(WEB)
    store.close()


def test_a_damaged_record_is_logged_by_its_name(
    damaged: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Once, as people name objects."""
    store = SqliteStore(damaged)
    for _ in range(2):
        store.list("pods")

    assert caplog.messages == [
        f"{damaged}: pods default/web: {store.damaged()[0].cause}"
    ]


def test_a_damaged_record_is_not_changed(damaged: Path) -> None:
    """Nobody who has read it before writes over it."""
    store = SqliteStore(damaged)
    for write in (store.update, store.delete):
        with pytest.raises(Damaged):
            write(WEB, b"{}", expected=1)
    store.close()


def test_creating_a_damaged_record_anew_keeps_its_bytes(damaged: Path) -> None:
    """The key is free; what was there is kept for who repairs it."""
    store = SqliteStore(damaged)

    store.create(WEB, POD % b"web")

    assert store.damaged() == []
    assert [r.key.name for r in store.list("pods").records] == ["api", "web"]
    store.close()
    with sqlite3.connect(damaged) as db:
        kept = db.execute("SELECT name, typeof(value) FROM quarantine").fetchall()
    db.close()
    assert kept == [("web", "blob")]


def test_a_damaged_record_can_be_discarded(damaged: Path) -> None:
    """Watchers hear of its end by its name."""
    store = SqliteStore(damaged)
    at = store.revision()

    store.discard(WEB)

    assert store.get(WEB) is None and store.damaged() == []
    (change,) = store.changes(at, "pods")
    assert b'"name": "web"' in change.value
    with pytest.raises(Missing):
        store.discard(WEB)
    store.close()


def test_a_damaged_change_makes_readers_list_again(damaged: Path) -> None:
    """The log is no way around the damage: it holds the same bytes."""
    store = SqliteStore(damaged)
    with pytest.raises(Compacted, match="damaged"):
        store.changes(0, "pods")
    store.close()


def test_a_record_damaged_before_there_were_checksums_is_found(tmp_path: Path) -> None:
    """The upgrade of such a file marks it, and keeps all others."""
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as old:
        old.executescript((Path(__file__).parent / "format-1.sql").read_text())
    old.close()
    flip(path, b'{"metadata":{"name":"web"', b'}"metadata":{"name":"web"')

    store = SqliteStore(path)

    assert [d.key for d in store.damaged()] == [WEB]
    assert [r.key.name for r in store.list("namespaces").records] == ["default"]
    store.close()
