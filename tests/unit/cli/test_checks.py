"""What the doctor finds on a machine."""

import socket
from pathlib import Path

import pytest

from supervisor.cli.checks import daemon, engine, machine
from supervisor.cli.checks.finding import Level, Patient
from supervisor.cli.session import Session


@pytest.fixture
def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Patient:
    """A machine without engine, without daemon, with a new state folder."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    tmp_path.chmod(0o700)
    return Patient(Session(), tmp_path, f"unix://{tmp_path}/docker.sock", "127.0.0.1:0")


def found(patient: Patient) -> dict[str, tuple[Level, str, str]]:
    return {
        finding.subject: (finding.level, finding.text, finding.hint)
        for check in (engine, daemon, machine)
        for finding in check.examine(patient)
    }


def test_an_engine_that_is_not_there_fails(patient: Patient) -> None:
    """With the way to get one."""
    level, text, hint = found(patient)["engine"]

    assert level is Level.FAIL
    assert text.endswith("no such file")
    assert "make engine" in hint


def test_without_daemon_the_port_is_tried(patient: Patient) -> None:
    """A free one is well, one in use is not."""
    assert found(patient)["port"][0] is Level.OK

    with socket.create_server(("127.0.0.1", 0)) as taken:
        patient.listen = f"127.0.0.1:{taken.getsockname()[1]}"
        level, text, _ = found(patient)["port"]

    assert level is Level.FAIL
    assert "Address already in use" in text


@pytest.mark.parametrize("listen", ["nonsense", "127.0.0.1:x", "127.0.0.1:99999"])
def test_a_port_that_is_none_fails(patient: Patient, listen: str) -> None:
    """And does not end the examination."""
    patient.listen = listen

    assert found(patient)["port"][0] is Level.FAIL


def test_a_state_folder_that_others_read_is_a_warning(patient: Patient) -> None:
    """It holds keys."""
    assert found(patient)["state"][0] is Level.OK

    patient.state_dir.chmod(0o755)

    level, text, hint = found(patient)["state"]
    assert level is Level.WARN
    assert "mode 0755" in text and "chmod 700" in hint


def test_a_state_folder_that_is_a_file_fails(patient: Patient) -> None:
    """There is nothing to put the store into."""
    patient.state_dir = patient.state_dir / "file"
    patient.state_dir.write_text("")

    assert found(patient)["state"][0] is Level.FAIL


def test_a_kubeconfig_that_others_read_is_a_warning(patient: Patient) -> None:
    """It holds the token."""
    path = patient.state_dir / "kubeconfig"
    path.write_text("kind: Config")
    path.chmod(0o644)
    patient.session.kubeconfig = str(path)

    level, text, hint = found(patient)["kubeconfig"]

    assert level is Level.WARN
    assert "mode 0644" in text and "chmod 600" in hint
