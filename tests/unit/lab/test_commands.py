"""What the environment of the caller may do to a lab."""

from pathlib import Path

import pytest

from tests.lab import images
from tests.lab.commands import LabError, environment
from tests.lab.endpoint import Endpoint


@pytest.mark.parametrize(
    "name", ["DOCKER_TLS_VERIFY", "DOCKER_HOST", "NOTIFY_SOCKET", "LISTEN_FDS"]
)
def test_what_makes_another_dockerd_does_not_reach_it(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """dockerd reads DOCKER_TLS_VERIFY, too: a plain one would want certificates."""
    monkeypatch.setenv(name, "1")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy")

    assert name not in environment()
    assert environment()["HTTP_PROXY"] == "http://proxy"


def test_a_plain_engine_is_spoken_to_in_plain() -> None:
    """Whatever the shell that takes it in has known of another engine."""
    given = Endpoint("node1", "tcp://10.88.0.11:2375").environment()

    assert given["DOCKER_HOST"] == "tcp://10.88.0.11:2375"
    assert given["DOCKER_TLS_VERIFY"] == given["DOCKER_CERT_PATH"] == ""


@pytest.mark.parametrize(
    ("host", "reason"),
    [("tcp://127.0.0.1:1", "Connection refused"), ("nonsense", "port is required")],
)
def test_an_engine_that_docker_host_names_may_be_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str, reason: str
) -> None:
    """One line says which engine was asked, and why it was that one."""
    monkeypatch.setenv("DOCKER_HOST", host)
    monkeypatch.delenv("DOCKER_TLS_VERIFY", raising=False)

    with pytest.raises(
        LabError, match=f"at {host}, which DOCKER_HOST names, .*{reason}"
    ):
        images.load(["image"], [], tmp_path)


def test_certificates_that_are_not_there_are_told_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """DOCKER_TLS_VERIFY without them is no traceback."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(tmp_path / "none"))

    with pytest.raises(LabError, match="which DOCKER_HOST names, does not answer"):
        images.load(["image"], [], tmp_path)
