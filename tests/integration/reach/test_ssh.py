"""The ssh to a host: what keeps it alive, what ends it, and what it says."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from supervisor.runtime.base import EngineUnavailable
from supervisor.runtime.docker.runtime import DockerRuntime
from tests.checks import eventually
from tests.integration.reach.conftest import is_up, over
from tests.sshd import NAME, Sshd

pytestmark = pytest.mark.docker

DAEMON = """
import sys, tempfile
from supervisor.runtime.docker.runtime import (DockerRuntime)
tempfile.tempdir = sys.argv[2]
runtime = DockerRuntime(sys.argv[1], cluster="c", node="n", ssh_config=sys.argv[3])
runtime.ping()
print("up", flush=True)
sys.stdin.read()
"""


def error_of(runtime: DockerRuntime) -> str:
    with pytest.raises(EngineUnavailable) as refused:
        runtime.info()
    return str(refused.value)


def test_one_ssh_serves_all_calls(sshd: Sshd, runtime: DockerRuntime) -> None:
    """It ends with the runtime, and leaves nothing."""
    runtime.ping()
    (ours,) = ssh_processes(sshd)
    folder = control_of(ours).parent
    assert folder.stat().st_mode & 0o777 == 0o700
    for _ in range(20):
        runtime.info()

    assert ssh_processes(sshd) == [ours]
    runtime.close()
    assert ssh_processes(sshd) == []
    assert not folder.exists()
    assert "is closed" in error_of(runtime)


def test_it_comes_back_by_itself(sshd: Sshd, runtime: DockerRuntime) -> None:
    """After its own death, and after that of the server; streams end with it."""
    events = runtime.events()
    (first,) = ssh_processes(sshd)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(EngineUnavailable):
        for _ in events:
            pass
    eventually(lambda: is_up(runtime), what="ssh is back")

    sshd.stop()
    eventually(lambda: not is_up(runtime), what="ssh is gone")
    assert "Connection refused" in eventually(
        lambda: text if "refused" in (text := error_of(runtime)) else ""
    )
    sshd.start()
    eventually(lambda: is_up(runtime), what="ssh is back again")


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a path that is short enough for sockets."""
    with TemporaryDirectory(dir="/tmp") as name:
        yield Path(name)


def test_a_killed_daemon_leaves_nothing(sshd: Sshd, short: Path) -> None:
    """Its ssh goes with it, and the next daemon removes its folder."""
    with daemon(sshd, short) as first:
        (ours,) = ssh_processes(sshd)
        assert sorted(p.name for p in control_of(ours).parent.iterdir()) == [
            "control",
            "engine",
            "lock",
        ]
        first.kill()
        first.wait()
    eventually(lambda: not ssh_processes(sshd), what="no ssh is left")
    (left,) = short.glob("supervisor-ssh-*")

    with daemon(sshd, short) as second:
        (present,) = short.glob("supervisor-ssh-*")
        assert present != left
        second.kill()
        second.wait()


def daemon(sshd: Sshd, folder: Path) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-c", DAEMON, f"ssh://{NAME}", str(folder), sshd.config()]
    environment = {k: v for k, v in os.environ.items() if k != "XDG_RUNTIME_DIR"}
    process = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    return process


def test_a_key_that_is_not_let_in(sshd: Sshd) -> None:
    """The server's words, without ssh's own address before them."""
    runtime = over(sshd, key="stranger")
    assert error_of(runtime) == "ssh to lab: Permission denied (publickey)"
    runtime.close()


def test_a_host_that_is_not_known(sshd: Sshd) -> None:
    """Nobody can be asked, so what to do is said."""
    sshd.forget_host()
    runtime = over(sshd)
    assert "the host's key is not known" in error_of(runtime)
    runtime.close()


def test_a_host_that_is_another(sshd: Sshd) -> None:
    """A key that has changed is not taken for one that is new."""
    sshd.know_host("stranger")
    runtime = over(sshd)
    assert "the host's key is not the one that is known" in error_of(runtime)
    runtime.close()


def test_a_host_without_an_engine(sshd: Sshd) -> None:
    """ssh works, and the socket is named that it does not get to."""
    runtime = over(sshd, "/no/such.sock")
    text = error_of(runtime)
    assert "ssh to lab works, but it does not get to /no/such.sock there" in text
    runtime.close()


def test_a_server_that_forbids_sockets(tmp_path: Path) -> None:
    """It does not say so itself, but where to look is told."""
    sshd = Sshd(tmp_path, "AllowStreamLocalForwarding no")
    runtime = over(sshd)
    assert "AllowStreamLocalForwarding" in error_of(runtime)
    runtime.close()
    sshd.stop()


def test_nothing_is_waited_for_when_the_way_is_known_to_be_closed(sshd: Sshd) -> None:
    """Calls fail at once, and others are not held up."""
    runtime = over(sshd, key="stranger")
    error_of(runtime)
    begun = time.monotonic()
    error_of(runtime)
    assert time.monotonic() - begun < 0.5
    runtime.close()


def ssh_processes(sshd: Sshd) -> list[int]:
    """Those that were started with the configuration of this server."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        words = words_of(int(folder.name))
        if words[:1] == ["ssh"] and sshd.config() in words:
            found.append(int(folder.name))
    return found


def words_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


def control_of(pid: int) -> Path:
    name = "ControlPath="
    return Path(next(w for w in words_of(pid) if w.startswith(name))[len(name) :])
