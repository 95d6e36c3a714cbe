"""An engine over ssh, with a configuration of ssh of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

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
    with running(tmp_path / "daemon", nodes=[]) as made:
        yield made


def trouble(daemon: Daemon) -> str:
    """Why the node is not ready."""
    rows = daemon.client.list("nodes").items
    return str(condition(rows[0], "Ready").get("message")) if rows else ""


def test_a_configuration_of_ssh_is_used(daemon: Daemon, server: sshd.Sshd) -> None:
    """In place of the user's, which knows no such host; another one is taken up."""
    config = server.config(key="stranger")
    words = ("node", "add", "remote", f"ssh://{sshd.NAME}", "--ssh-config", config)
    assert daemon.supervisor(*words).stdout == "node/remote added\n"
    eventually(lambda: "Permission denied" in trouble(daemon), what="it is refused")

    config = server.config()
    done = daemon.supervisor("node", "set", "remote", "--ssh-config", config, "--wait")
    assert done.stdout == "node/remote configured\nnode/remote ready\n", done.stderr
    lab = Lab(daemon, "default")
    lab.run("far", shell("main", "exec sleep 600"))
    lab.ready("far")
