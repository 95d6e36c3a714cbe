"""An engine over ssh, with a configuration of ssh of its own."""

import getpass
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.kinds.identity import ENGINE
from supervisor.store.sqlite.store import SqliteStore
from tests import sshd
from tests.checks import eventually, shell
from tests.daemon import Daemon, running
from tests.integration.lab import Lab, condition

pytestmark = pytest.mark.docker


@pytest.fixture
def server(tmp_path: Path) -> Iterator[sshd.Sshd]:
    made = sshd.Sshd(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """Engines may name the files of the test's folder."""
    with running(tmp_path / "daemon", nodes=[], engineFiles=str(tmp_path)) as made:
        yield made


def trouble(daemon: Daemon) -> str:
    """Why the node is not ready."""
    rows = daemon.client.list("nodes").items
    return str(condition(rows[0], "Ready").get("message")) if rows else ""


def test_a_configuration_of_ssh_is_used(daemon: Daemon, server: sshd.Sshd) -> None:
    """In place of the user's, which knows no such host; another one is taken up."""
    config = Path(server.config(key="stranger")).name
    words = ("node", "add", "remote", f"ssh://{sshd.NAME}", "--ssh-config", config)
    assert daemon.supervisor(*words).stdout == "node/remote added\n"
    eventually(lambda: "Permission denied" in trouble(daemon), what="it is refused")

    config = Path(server.config()).name
    done = daemon.supervisor("node", "set", "remote", "--ssh-config", config, "--wait")
    assert done.stdout == "node/remote configured\nnode/remote ready\n", done.stderr
    lab = Lab(daemon, "default")
    lab.run("far", shell("main", "exec sleep 600"))
    lab.ready("far")


def test_a_key_and_known_hosts_in_a_secret_are_used(
    daemon: Daemon, server: sshd.Sshd, tmp_path: Path
) -> None:
    """The command reads them; nothing of the user's own applies."""
    where = f"ssh://{getpass.getuser()}@127.0.0.1:{server.port}"
    hosts = str(tmp_path / "known_hosts")
    files = ("--ssh-key", str(tmp_path / "stranger"), "--ssh-known-hosts", hosts)
    assert daemon.supervisor("node", "add", "remote", where, *files).returncode == 0
    eventually(lambda: "Permission denied" in trouble(daemon), what="it is refused")

    files = ("--ssh-key", str(tmp_path / "client"), "--ssh-known-hosts", hosts)
    done = daemon.supervisor("node", "set", "remote", *files, "--wait")
    assert done.stdout == "node/remote configured\nnode/remote ready\n", done.stderr
    assert len(daemon.client.list("secrets", "kube-system").items) == 1


def test_a_path_is_refused_but_one_that_is_stored_works_on(
    daemon: Daemon, server: sshd.Sshd
) -> None:
    """An Engine of the version before is taken over, with a Warning."""
    path = Path(server.config())
    words = ("node", "add", "remote", f"ssh://{sshd.NAME}", "--ssh-config")
    refused = daemon.supervisor(*words, str(path))
    assert (
        "spec.sshConfig: Forbidden: paths are allowed only in the daemon's settings"
        in refused.stderr
    )
    daemon.supervisor(*words, path.name, "--wait")
    daemon.stop()
    _store_path(daemon.state / "store.db", path)
    daemon.configure(engineFiles="")
    daemon.start()

    done = daemon.supervisor("node", "set", "remote", "--label", "a=b", "--wait")

    assert done.stdout == "node/remote configured\nnode/remote ready\n", done.stderr
    assert "Warning: spec.sshConfig: paths in Engines are deprecated" in done.stderr
    eventually(
        lambda: (
            "EngineNamesPaths"
            in [event["reason"] for event in daemon.client.list("events").items]
        ),
        what="the Warning event",
    )


def _store_path(file: Path, path: Path) -> None:
    """What the version before has taken."""
    store = SqliteStore(str(file))
    (record,) = store.list(ENGINE.resource).records
    value = record.value.replace(f'"{path.name}"'.encode(), f'"{path}"'.encode())
    assert value != record.value
    store.update(record.key, value, expected=record.revision)
    store.close()
