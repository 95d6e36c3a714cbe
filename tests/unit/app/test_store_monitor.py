"""What is wrong with the store's file is told, also when nobody writes."""

from pathlib import Path

import pytest

from supervisor.app.snapshots import Snapshots
from supervisor.app.store_monitor import StoreMonitor
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.clock import FakeClock


def test_a_file_that_is_removed_is_told_once_within_seconds(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names it, and what can still be done."""
    clock = FakeClock()
    store = SqliteStore(tmp_path / "store.db")
    watch = StoreMonitor(store, Snapshots(store, tmp_path / "s", keep=0), clock)
    again = watch.look("file")
    assert again is not None and again - clock.now() <= 5 and not caplog.text
    (tmp_path / "store.db").unlink()

    watch.look("file")
    watch.look("file")

    assert caplog.text.count("store.db has been removed") == 1
    assert "supervisor backup" in caplog.text
    store.close()
