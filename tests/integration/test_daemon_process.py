"""The daemon as a process: its start, its end, its files and its words."""

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.checks import shell
from tests.daemon import Daemon, running
from tests.integration.lab import Lab

pytestmark = pytest.mark.docker


def daemon_command(
    *options: str, folder: Path, config: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run the daemon until it ends by itself."""
    argv = [sys.executable, "-m", "supervisor", "daemon"]
    if config:
        file = folder / "config.yaml"
        file.write_text(config)
        argv += ["--config", str(file)]
    argv += ["--state-dir", str(folder / "state"), "--listen", "127.0.0.1:0", *options]
    return subprocess.run(argv, capture_output=True, text=True, timeout=20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_daemon_that_is_asked_to_stop_leaves_containers(
    own_lab: Lab, number: int
) -> None:
    """SIGTERM and SIGINT: exit status 0 within seconds, containers go on running."""
    lab = own_lab
    lab.run("stays", shell("main", "exec sleep 600"))
    lab.ready("stays")
    container = lab.running("stays", "main")
    assert lab.daemon.stop(number, timeout=10) == 0
    container.reload()
    assert container.status == "running"
    assert "containers go on running" in lab.daemon.tail()
    lab.daemon.start()
    lab.ready("stays")
    assert lab.running("stays", "main").id == container.id
    assert lab.restarts("stays", "main") == 0


def test_stopping_does_not_wait_for_watches_and_followed_logs(own_lab: Lab) -> None:
    """Streams that clients hold open are ended."""
    lab = own_lab
    lab.run("talks", shell("main", "while :; do echo x; sleep 0.1; done"))
    lab.ready("talks")
    watch = lab.client.watch("pods", since="")
    log = lab.client.logs("talks", "default", [("follow", "true")])
    assert next(iter(log))
    assert lab.daemon.stop(timeout=10) == 0
    watch.close()
    log.close()


def test_two_daemons_do_not_share_a_state_folder(own_daemon: Daemon) -> None:
    """The second one ends at once and names the first one's process."""
    told = daemon_command(folder=own_daemon.folder)
    assert told.returncode == 1
    assert "in use by another daemon" in told.stderr
    assert str(own_daemon.process.pid) in told.stderr
    assert own_daemon.client.get("namespaces", "default")


def test_a_port_that_is_taken_is_told(own_daemon: Daemon, tmp_path: Path) -> None:
    """One clear line, no traceback."""
    config = yaml.safe_load(own_daemon.kubeconfig.read_text())
    address = config["clusters"][0]["cluster"]["server"].removeprefix("https://")
    told = daemon_command("--listen", address, folder=tmp_path)
    assert told.returncode == 1
    assert address.rpartition(":")[2] in told.stderr
    assert "Traceback" not in told.stderr
    assert "in use" in told.stderr
    assert "Errno" not in told.stderr


@pytest.mark.parametrize(
    ("config", "parts"),
    [
        ("listn: 127.0.0.1:0", ["listn"]),
        ("listen: 5", ["str", "int", "listen"]),
        ("log: {format: xml}", ["xml", "log.format"]),
        ("nodes: [{engine: 'tcp://h:2375'}]", ["nodes[0].tls", "insecure"]),
        ("nodes: [{name: a}, {name: a}]", ["nodes", "twice"]),
        ("nodes: [{name: 'Not A Name!'}]", ["nodes", "Not A Name!"]),
        ("nodes: [{engine: 'ftp://x'}]", ["ftp://x", "unix:///"]),
        ("events: {keepDays: -1}", ["keepDays", "-1"]),
        ("a: [", ["config.yaml"]),
    ],
)
def test_a_bad_configuration_is_refused(
    tmp_path: Path, config: str, parts: list[str]
) -> None:
    """The file, the field, and what was found; no traceback, and an exit status."""
    told = daemon_command(folder=tmp_path, config=config)
    assert told.returncode not in (0, -signal.SIGKILL)
    assert "Traceback" not in told.stderr
    for part in parts:
        assert part in told.stderr, told.stderr


@pytest.mark.parametrize("address", ["nowhere", "127.0.0.1:99999", ":6443", "[::1"])
def test_a_bad_address_is_refused(tmp_path: Path, address: str) -> None:
    """What is no HOST:PORT is named."""
    told = daemon_command("--listen", address, folder=tmp_path)
    assert told.returncode not in (0, -signal.SIGKILL)
    assert address in told.stderr
    assert "Traceback" not in told.stderr


def test_logs_in_json_are_json(tmp_path: Path) -> None:
    """Every line of the log is one object with time, level and message."""
    with running(tmp_path, "--log-format", "json") as daemon:
        lab = Lab(daemon, "default")
        lab.run("main", shell("main", "exec sleep 600"))
        lab.ready("main")
        daemon.stop()
        lines = daemon.log.read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(rows) > 3
    for row in rows:
        assert {"level", "message"} <= row.keys()
        assert "time" in row or "ts" in row


def test_files_with_secrets_are_private(daemon: Daemon) -> None:
    """Nobody else reads the kubeconfig, the keys, the token or the store."""
    assert stat.S_IMODE(daemon.state.stat().st_mode) == 0o700
    assert stat.S_IMODE(daemon.kubeconfig.stat().st_mode) == 0o600
    for path in daemon.state.iterdir():
        open_to_others = stat.S_IMODE(path.stat().st_mode) & 0o077
        assert not open_to_others or path.suffix in (".crt", ".pem"), path


def test_a_state_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file in its place: one line that names it."""
    (tmp_path / "state").write_text("not a folder")
    told = daemon_command(folder=tmp_path)
    assert told.returncode == 1
    assert str(tmp_path / "state") in told.stderr
    assert "Traceback" not in told.stderr
    assert "Errno" not in told.stderr


def test_a_store_that_is_damaged_is_told(tmp_path: Path) -> None:
    """Nothing is overwritten, and the message names the file."""
    store = tmp_path / "state" / "store.db"
    store.parent.mkdir(mode=0o700)
    store.write_bytes(os.urandom(8192))
    before = store.read_bytes()
    told = daemon_command(folder=tmp_path)
    assert told.returncode == 1
    assert str(store) in told.stderr
    assert "Traceback" not in told.stderr
    assert store.read_bytes() == before


def test_the_kubeconfig_stays_good_over_restarts(own_daemon: Daemon) -> None:
    """Token and certificate authority are those of the first start."""
    first = yaml.safe_load(own_daemon.kubeconfig.read_text())
    own_daemon.stop()
    own_daemon.start()
    second = yaml.safe_load(own_daemon.kubeconfig.read_text())
    assert first["users"] == second["users"]
    authority = "certificate-authority-data"
    assert (
        first["clusters"][0]["cluster"][authority]
        == second["clusters"][0]["cluster"][authority]
    )
