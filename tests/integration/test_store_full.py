"""The disk of the state folder is full: clear errors, and all goes on afterwards."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.model.errors import ApiError
from tests.checks import eventually, shell
from tests.daemon import Daemon
from tests.integration.lab import Lab

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk"),
]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Lab]:
    """A daemon, not started, whose state folder is on a disk of 8 MiB."""
    disk = tmp_path / "daemon"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this machine does not let us mount")
    daemon = Daemon(tmp_path / "other")
    daemon.state = disk / "state"
    daemon.kubeconfig = daemon.state / "kubeconfig"
    try:
        yield Lab(daemon, "default")
    finally:
        daemon.close()
        subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(lab: Lab) -> Path:
    """Leave no room on the disk; the file that takes it."""
    ballast = lab.daemon.state.parent / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return ballast
    return ballast


def write_until_refused(lab: Lab) -> tuple[ApiError, list[str]]:
    """The refusal, and the names of what was acknowledged before."""
    done: list[str] = []
    with pytest.raises(ApiError) as refused:
        for number in range(2000):
            lab.make("configmaps", f"note-{number}", data={"x": "y" * 2000})
            done.append(f"note-{number}")
    return refused.value, done


def test_a_full_disk_is_told_and_gets_over(small: Lab) -> None:
    """Writes are refused with the reason, reading goes on, and later all is well."""
    lab = small
    lab.daemon.start()
    lab.run("stays", shell("main", "exec sleep 600"))
    lab.ready("stays")
    container = lab.running("stays", "main").id
    ballast = fill(lab)

    error, done = write_until_refused(lab)
    assert error.code in (500, 507)
    assert "disk" in str(error).lower() or "space" in str(error).lower()
    assert lab.pod("stays")["status"]["phase"] == "Running"
    assert lab.daemon.process.poll() is None
    lab.running("stays", "main").kill()
    eventually(lambda: lab.running("stays", "main").id != container, within=20)

    ballast.unlink()
    eventually(lambda: _writes(lab), within=20, what="writing works again")
    assert lab.restarted("stays", "main")["restartCount"] >= 1
    names = {c["metadata"]["name"] for c in lab.client.list("configmaps").items}
    assert set(done) <= names


def _writes(lab: Lab) -> bool:
    try:
        lab.make("configmaps", "after", data={})
    except ApiError as error:
        return error.code == 409
    return True


def test_a_start_on_a_full_disk_is_told(small: Lab) -> None:
    """One clear line; and the store is whole when there is room again."""
    lab = small
    lab.daemon.start()
    lab.make("configmaps", "kept", data={})
    lab.daemon.stop()
    ballast = fill(lab)
    with pytest.raises(RuntimeError, match=r"(?i)no space|disk|full") as refused:
        lab.daemon.start()
    assert "Traceback" not in str(refused.value)
    ballast.unlink()
    lab.daemon.start()
    assert lab.client.get("configmaps", "kept", "default")
