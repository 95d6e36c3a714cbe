"""The checks of `doctor`."""

import socket
from pathlib import Path
from typing import Any

import pytest

from supervisor.cli.checks import daemon, engine, machine
from supervisor.cli.checks.finding import CheckContext, Level
from supervisor.cli.session import Session
from supervisor.model.meta import Object


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CheckContext:
    """A machine without engine and daemon, with a new state folder."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    tmp_path.chmod(0o700)
    return CheckContext(
        Session(), tmp_path, f"unix://{tmp_path}/docker.sock", "127.0.0.1:0"
    )


def found(context: CheckContext) -> dict[str, tuple[Level, str, str]]:
    return {
        finding.subject: (finding.level, finding.text, finding.hint)
        for check in (engine, daemon, machine)
        for finding in check.run(context)
    }


def test_a_missing_engine_fails(context: CheckContext) -> None:
    """With a hint how to install one."""
    level, text, hint = found(context)["engine"]

    assert level is Level.FAIL
    assert text.endswith("no such file")
    assert "make engine" in hint


def test_without_daemon_the_port_is_checked(context: CheckContext) -> None:
    """A free port is ok, a port in use is not."""
    assert found(context)["port"][0] is Level.OK

    with socket.create_server(("127.0.0.1", 0)) as taken:
        context.listen = f"127.0.0.1:{taken.getsockname()[1]}"
        level, text, _ = found(context)["port"]

    assert level is Level.FAIL
    assert "Address already in use" in text


@pytest.mark.parametrize("listen", ["nonsense", "127.0.0.1:x", "127.0.0.1:99999"])
def test_an_invalid_port_fails(context: CheckContext, listen: str) -> None:
    """The other checks continue."""
    context.listen = listen

    assert found(context)["port"][0] is Level.FAIL


def test_a_state_folder_readable_by_others_is_a_warning(context: CheckContext) -> None:
    """It contains keys."""
    assert found(context)["state"][0] is Level.OK

    context.state_dir.chmod(0o755)

    level, text, hint = found(context)["state"]
    assert level is Level.WARN
    assert "mode 0755" in text and "chmod 700" in hint


def test_a_state_folder_that_is_a_file_fails(context: CheckContext) -> None:
    """The store cannot be created in it."""
    context.state_dir = context.state_dir / "file"
    context.state_dir.write_text("")

    assert found(context)["state"][0] is Level.FAIL


def test_a_kubeconfig_readable_by_others_is_a_warning(context: CheckContext) -> None:
    """It contains the token."""
    path = context.state_dir / "kubeconfig"
    path.write_text("kind: Config")
    path.chmod(0o644)
    context.session.kubeconfig = str(path)

    level, text, hint = found(context)["kubeconfig"]

    assert level is Level.WARN
    assert "mode 0644" in text and "chmod 600" in hint


class FakeDocker:
    """Lists containers of an engine."""

    def __init__(self, *containers: Object) -> None:
        self._containers = containers

    def containers(self, **_: Any) -> list[Object]:
        return list(self._containers)

    def volumes(self, **_: Any) -> Object:
        return {"Volumes": None}

    def networks(self, **_: Any) -> list[Object]:
        return []


def container(kind: str, state: str) -> Object:
    labels = {"supervisor.cluster": "c1", "io.kubernetes.docker.type": kind}
    return {"Labels": labels, "State": state}


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([container("helper", "running")], "none"),
        ([container("helper", "created")], "1 containers of c1, but no daemon answers"),
        ([container("container", "running")], "1 containers of c1"),
    ],
)
def test_a_running_helper_is_not_a_leftover(
    context: CheckContext, rows: list[Object], text: str
) -> None:
    """The engine removes it when it ends; one that never started remains."""
    context.docker = FakeDocker(*rows)

    (finding,) = engine._leftovers(context)

    assert finding.subject == "leftovers" and finding.text.startswith(text)
