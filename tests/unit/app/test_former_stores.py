"""The stores that a state folder has held."""

import errno
from pathlib import Path

import pytest

from supervisor.app import former_stores
from supervisor.machinery import private_files


def test_a_folder_knows_the_stores_that_it_held_before(tmp_path: Path) -> None:
    """All of them, since an engine may have been away while there were several."""
    assert former_stores.record(tmp_path, "a") == frozenset()
    assert former_stores.record(tmp_path, "a") == frozenset()
    assert former_stores.record(tmp_path, "b") == {"a"}
    assert former_stores.record(tmp_path, "c") == {"a", "b"}
    assert former_stores.record(tmp_path, "a") == {"b", "c"}
    assert (tmp_path / "stores").stat().st_mode & 0o777 == 0o600


def test_the_oldest_are_forgotten(tmp_path: Path) -> None:
    """The list is bounded."""
    for number in range(150):
        before = former_stores.record(tmp_path, f"s{number}")

    assert before == {f"s{number}" for number in range(49, 149)}


def test_a_garbled_list_is_written_anew(tmp_path: Path) -> None:
    """What is lost of it costs an order to take engines over."""
    (tmp_path / "stores").write_bytes(b"a\n\xff\xfe\n")

    assert "a" in former_stores.record(tmp_path, "b")
    assert "a" in former_stores.record(tmp_path, "c")


def test_a_full_disk_keeps_nobody_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What the list has is used; the log names the file and the cause."""
    former_stores.record(tmp_path, "a")

    def refuse(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(private_files, "write", refuse)

    assert former_stores.record(tmp_path, "b") == {"a"}
    assert f"{tmp_path}/stores is not up to date: No space left" in caplog.text
