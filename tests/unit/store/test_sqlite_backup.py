"""Copies of the store's file: taken back, and refused when they are not sound."""

from pathlib import Path

import pytest

from supervisor.model.lineage import Origin
from supervisor.store.base import Key, StoreError
from supervisor.store.sqlite import backup
from supervisor.store.sqlite.store import SqliteStore

WEB = Key("pods", "default", "web")
LATER = Key("pods", "default", "later")


def test_a_restored_store_continues_the_backup_under_its_own_identity(
    tmp_path: Path,
) -> None:
    """It includes what the backup had, and not what came after; the old one is kept."""
    path, copy = tmp_path / "store.db", tmp_path / "copy.db"
    store = SqliteStore(path)
    store.create(WEB, b"{}")
    store.backup(copy)
    store.create(LATER, b"{}")
    before, session = store.identity, store.lineage().session
    store.close()

    count = backup.restore(copy, path, aside=tmp_path / "before.db")

    restored = SqliteStore(path)
    lineage = restored.lineage()
    assert count == 1 and restored.get(LATER) is None and restored.get(WEB)
    assert restored.identity != before
    assert lineage.includes(Origin(before, session, 1))
    assert not lineage.includes(Origin(before, session, 2))
    assert restored.revision() > 2
    restored.close()
    old = SqliteStore(tmp_path / "before.db")
    assert old.get(LATER) is not None and old.identity == before
    old.close()


@pytest.mark.parametrize("kind", ["missing", "empty", "text", "cut"])
def test_what_is_no_sound_backup_is_refused(tmp_path: Path, kind: str) -> None:
    """The store that is there stays as it is."""
    path, copy = tmp_path / "store.db", tmp_path / "copy.db"
    store = SqliteStore(path)
    for number in range(50):
        store.create(Key("pods", "default", f"p{number}"), b'{"a":"%s"}' % (b"x" * 900))
    store.backup(copy)
    store.close()
    if kind == "missing":
        copy.unlink()
    else:
        content = copy.read_bytes()
        copy.write_bytes(
            {"empty": b"", "text": b"hello" * 999}.get(kind, content[:9000])
        )

    with pytest.raises(StoreError, match=r"copy\.db"):
        backup.restore(copy, path, aside=tmp_path / "before.db")

    again = SqliteStore(path)
    assert len(again.list("pods").records) == 50
    again.close()
    assert sorted(p.name for p in tmp_path.iterdir() if p != copy) == ["store.db"]


def test_a_removed_file_refuses_writes_and_can_still_be_saved(tmp_path: Path) -> None:
    """What is written to it would be lost; what was written before is not."""
    path = tmp_path / "store.db"
    store = SqliteStore(path)
    store.create(WEB, b"{}")
    path.unlink()

    with pytest.raises(StoreError, match=r"store\.db has been removed"):
        store.create(LATER, b"{}")

    assert "has been removed" in store.unwritable_reason()
    assert store.get(WEB) is not None
    store.backup(tmp_path / "saved.db")
    store.close()
    saved = SqliteStore(tmp_path / "saved.db")
    assert saved.get(WEB) is not None
    saved.close()


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_a_replaced_file_refuses_writes(tmp_path: Path, suffix: str) -> None:
    """Another file of that name is not ours, whatever it holds."""
    path = tmp_path / "store.db"
    store = SqliteStore(path)
    store.create(WEB, b"{}")
    part = Path(f"{path}{suffix}")
    other = tmp_path / "other"
    other.write_bytes(part.read_bytes())
    other.rename(part)

    with pytest.raises(StoreError, match="has been replaced"):
        store.create(LATER, b"{}")

    store.close()


def test_the_file_shrinks_when_its_contents_do(tmp_path: Path) -> None:
    """200 changes of a large object leave a file of a few of them."""
    path = tmp_path / "store.db"
    store = SqliteStore(path, keep_bytes=2**20)
    value = b'{"data":"%s"}' % (b"x" * 2**16)
    at = store.create(WEB, value)
    for _ in range(200):
        at = store.update(WEB, value, expected=at)
    store.close()

    assert path.stat().st_size < 6 * 2**20


def test_room_is_given_back_after_many_objects_went(tmp_path: Path) -> None:
    """The file of a store that once was large does not stay so."""
    path = tmp_path / "store.db"
    store = SqliteStore(path, keep_bytes=2**20)
    value = b'{"data":"%s"}' % (b"x" * 2**17)
    keys = [Key("configmaps", "default", f"c{n}") for n in range(100)]
    made = {key: store.create(key, value) for key in keys}
    for key, at in made.items():
        store.delete(key, b"{}", expected=at)
    for number in range(40):
        store.create(Key("pods", "default", f"p{number}"), b"{}")
    store.close()

    assert path.stat().st_size < 8 * 2**20
