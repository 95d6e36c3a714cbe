"""Daily copies of the store, and how many of them there are."""

from pathlib import Path

from supervisor.app.snapshots import (
    PERIOD_SECONDS,
    RETRY_SECONDS,
    Snapshots,
    due_at,
    name_of,
    surplus,
)
from supervisor.store.base import Key
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.clock import START

DAY = PERIOD_SECONDS


def test_a_copy_is_due_a_day_after_the_newest() -> None:
    """At once when there is none; other files do not count."""
    assert due_at([]) == 0.0
    assert due_at(["notes.txt", "store-x.db", "store-99999999T999999Z.db"]) <= DAY
    names = [name_of(START), name_of(START - DAY)]
    assert due_at(names) == int(START) + DAY


def test_the_oldest_are_too_many() -> None:
    """Files that are not ours are left alone."""
    names = [name_of(START + day * DAY) for day in range(5)]
    assert surplus([*reversed(names), "notes.txt"], 3) == names[:2]
    assert surplus(names[:2], 3) == []


def test_copies_are_made_each_day_and_the_newest_kept(tmp_path: Path) -> None:
    """Each is a store of its own; a look before its time makes none."""
    store = SqliteStore(tmp_path / "store.db")
    store.create(Key("pods", "default", "web"), b"{}")
    folder = tmp_path / "snapshots"
    snapshots = Snapshots(store, folder, keep=2)

    for day in range(4):
        now = START + day * DAY
        assert snapshots.look(now) == now + DAY
        early = snapshots.look(now + 60)
        assert early is not None and early <= now + DAY

    kept = sorted(path.name for path in folder.iterdir())
    assert kept == [name_of(START + 2 * DAY), name_of(START + 3 * DAY)]
    copy = SqliteStore(folder / kept[0])
    assert copy.get(Key("pods", "default", "web")) is not None
    copy.close()
    store.close()


def test_a_copy_that_cannot_be_made_is_tried_again(tmp_path: Path) -> None:
    """An hour later; the daemon goes on."""
    store = SqliteStore(tmp_path / "store.db")
    (tmp_path / "snapshots").write_text("a file, and no folder")
    snapshots = Snapshots(store, tmp_path / "snapshots", keep=2)
    assert snapshots.look(START) == START + RETRY_SECONDS
    assert Snapshots(store, tmp_path / "other", keep=0).look(START) is None
    store.close()
