"""Files of the daemon that cannot be written: it starts with those that are there."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.api.registry import Registry
from supervisor.app import certificates, cluster_id, kubeconfig
from supervisor.app.state_dir import StateDir, StateDirBusy
from supervisor.machinery import private_files
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.clock import START, FakeClock

YEAR = 365 * 86400.0


@pytest.fixture
def no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file that the daemon would write finds the disk full."""

    def write(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(private_files, "write", write)


@pytest.fixture
def registry() -> Iterator[Registry]:
    """An API with nothing but its namespaces."""
    store = SqliteStore(":memory:")
    yield Registry(store, FakeClock())
    store.close()


def test_a_certificate_that_cannot_be_renewed_is_used_as_it_is(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Whether it nears its end or does not name where we listen."""
    files = certificates.ensure(tmp_path, [], now=START)
    before = [path.read_bytes() for path in files]
    request.getfixturevalue("no_room")

    again = certificates.ensure(tmp_path, ["192.0.2.9"], now=START + YEAR)

    assert [path.read_bytes() for path in again] == before


@pytest.mark.usefixtures("no_room")
def test_a_first_certificate_that_cannot_be_written_is_an_error(
    tmp_path: Path,
) -> None:
    """There is none to start with."""
    with pytest.raises(OSError, match="No space left"):
        certificates.ensure(tmp_path, [], now=START)


@pytest.mark.usefixtures("no_room")
def test_token_and_kubeconfig_need_no_room_to_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The token is then good for this run; the log names the files."""
    authority = tmp_path / "ca.crt"
    authority.write_bytes(b"certificate")

    token = kubeconfig.token(tmp_path)
    kubeconfig.write(
        tmp_path / "kubeconfig", server="https://h:1", authority=authority, token=token
    )

    assert len(token) > 16
    assert str(tmp_path / "token") in caplog.text
    assert str(tmp_path / "kubeconfig") in caplog.text


def test_an_unchanged_kubeconfig_is_not_written(
    tmp_path: Path, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    """A restart on a full disk has nothing to say about it."""
    path, authority = tmp_path / "kubeconfig", tmp_path / "ca.crt"
    authority.write_bytes(b"certificate")
    given = {"server": "https://h:1", "authority": authority, "token": "secret" * 4}
    kubeconfig.write(path, **given)  # type: ignore[arg-type]
    request.getfixturevalue("no_room")

    kubeconfig.write(path, **given)  # type: ignore[arg-type]

    assert not caplog.text


def test_the_cluster_outlives_its_store(tmp_path: Path, registry: Registry) -> None:
    """Another store in the same folder finds the same containers."""
    first = cluster_id.find(tmp_path, registry)
    other = SqliteStore(":memory:")

    assert cluster_id.find(tmp_path, Registry(other, FakeClock())) == first
    cluster_id.forget(tmp_path)
    assert cluster_id.find(tmp_path, Registry(other, FakeClock())) != first
    other.close()


def test_a_folder_is_one_daemons_also_where_no_lock_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder itself is locked then."""
    real = os.open

    def full(path: Path, flags: int, *mode: int) -> int:
        if flags & os.O_CREAT:
            raise OSError(28, "No space left on device", str(path))
        return real(path, flags, *mode)

    monkeypatch.setattr(os, "open", full)
    first = StateDir(tmp_path)
    with pytest.raises(StateDirBusy):
        StateDir(tmp_path)
    first.close()
    StateDir(tmp_path).close()


def test_a_folder_in_use_names_its_daemon(tmp_path: Path) -> None:
    """By its process id."""
    first = StateDir(tmp_path)
    with pytest.raises(StateDirBusy, match=f"process {os.getpid()}"):
        StateDir(tmp_path)
    first.close()
