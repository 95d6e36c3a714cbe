"""The disk of the state folder is full: clear errors, and all goes on afterwards."""

import os
import signal
import socket
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


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


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


def test_supervision_starts_on_a_full_disk(small: Lab) -> None:
    """Containers are adopted and kept alive, status is in memory, and users are told
    why nothing can be written; when there is room, all of it is kept.
    """
    lab = small
    address = ("--listen", f"127.0.0.1:{free_port()}")
    lab.daemon.start(*address)
    lab.run("stays", shell("main", "exec sleep 600"))
    lab.ready("stays")
    container = lab.running("stays", "main")
    lab.daemon.stop(signal.SIGKILL)
    ballast = fill(lab)

    lab.daemon.start(*address, fresh=False)

    assert lab.running("stays", "main").id == container.id
    container.kill()
    assert lab.restarted("stays", "main")["restartCount"] == 1
    with pytest.raises(ApiError, match=r"store\.db: .*full") as refused:
        write_until_refused_at_once(lab)
    assert (refused.value.code, refused.value.reason) == (500, "InternalError")
    ready = lab.client.connection.text
    with pytest.raises(ApiError, match=r"store\.db"):
        ready("/readyz/store")

    ballast.unlink()
    eventually(lambda: _writes(lab), within=20, what="writing works again")
    lab.daemon.stop()
    lab.daemon.start(*address)
    assert lab.status("stays", "main")["restartCount"] == 1
    assert lab.client.get("configmaps", "after", "default")


def write_until_refused_at_once(lab: Lab) -> None:
    """The first writes may still find room in the log's file."""
    for number in range(200):
        lab.make("configmaps", f"late-{number}", data={"x": "y" * 20_000})


def test_a_first_start_on_a_full_disk_is_told(small: Lab) -> None:
    """There is nothing to supervise: one clear line that names the file."""
    lab = small
    lab.daemon.state.mkdir()
    fill(lab)
    with pytest.raises(RuntimeError, match=r"(?i)no space|disk|full") as refused:
        lab.daemon.start()
    assert "Traceback" not in str(refused.value)
