"""A disk without room: the store is read, works in memory, and returns to its file."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.store.base import Key, StoreError
from supervisor.store.sqlite.store import SqliteStore

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk")

WEB = Key("pods", "default", "web")
LARGE = b'{"text":"%s"}' % (b"x" * 100_000)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one mebibyte."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this machine does not let us mount")
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def fill(disk: Path) -> Path:
    """Leave no room; the file that takes it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return ballast
    return ballast


def test_a_store_is_opened_on_a_full_disk(disk: Path) -> None:
    """It says what is wrong, takes writes in memory, and saves them once it can."""
    path = disk / "store.db"
    store = SqliteStore(path)
    store.create(WEB, b"{}")
    store.close()
    ballast = fill(disk)

    store = SqliteStore(path)

    assert (
        str(path) in store.memory_only_reason
        and store.unwritable_reason() == store.memory_only_reason
    )
    assert store.get(WEB) is not None
    assert store.create(Key("pods", "default", "late"), LARGE) == 2
    assert not store.write_back()
    ballast.unlink()
    assert store.write_back() and not store.unwritable_reason()
    store.close()
    again = SqliteStore(path)
    assert [r.key.name for r in again.list("pods").records] == ["late", "web"]
    again.close()


def test_a_disk_that_fills_up_fails_one_write_only(disk: Path) -> None:
    """The next ones are kept in memory, and are on disk once there is room."""
    path = disk / "store.db"
    store = SqliteStore(path)
    store.create(WEB, b"{}")
    ballast = fill(disk)

    with pytest.raises(StoreError, match="full"):
        store.create(Key("pods", "default", "refused"), LARGE)
    store.create(Key("pods", "default", "late"), LARGE)

    assert "full" in store.memory_only_reason
    assert [r.key.name for r in store.list("pods").records] == ["late", "web"]
    ballast.unlink()
    assert store.write_back()
    store.create(Key("pods", "default", "last"), b"{}")
    store.close()
    again = SqliteStore(path)
    assert len(again.list("pods").records) == 3
    again.close()


def test_a_first_store_on_a_full_disk_is_refused(disk: Path) -> None:
    """There is nothing to work on: the error names the file."""
    fill(disk)
    with pytest.raises(StoreError, match=r"store\.db"):
        SqliteStore(disk / "store.db")
