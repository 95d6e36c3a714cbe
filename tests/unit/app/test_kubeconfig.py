"""The kubeconfig and the token in it."""

import base64
import stat
from pathlib import Path

import pytest
import yaml

from supervisor.app import kubeconfig


def test_a_kubeconfig_leads_to_the_daemon(tmp_path: Path) -> None:
    """Its current context names server, authority and token, for its owner only."""
    authority = tmp_path / "ca.crt"
    authority.write_bytes(b"certificate")
    path = tmp_path / "kubeconfig"

    kubeconfig.write(
        path, server="https://[::1]:6443", authority=authority, token="s3same: #x"
    )

    found = yaml.safe_load(path.read_text())
    assert found["current-context"] == found["contexts"][0]["name"]
    cluster = found["clusters"][0]["cluster"]
    assert cluster["server"] == "https://[::1]:6443"
    assert base64.b64decode(cluster["certificate-authority-data"]) == b"certificate"
    assert found["users"][0]["user"]["token"] == "s3same: #x"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_plain_values_stand_without_quotes(tmp_path: Path) -> None:
    """So that `awk '/token:/ {print $2}'` finds the token, as in kubectl's own."""
    path, authority = tmp_path / "kubeconfig", tmp_path / "ca.crt"
    authority.write_text("CA")
    server, token = "https://127.0.0.1:6443", "-9Pdh9eIlI_PAIcR7N"

    kubeconfig.write(path, server=server, authority=authority, token=token)

    text = path.read_text()
    assert f"    server: {server}\n" in text
    assert f"    token: {token}\n" in text
    assert yaml.safe_load(text)["users"][0]["user"]["token"] == token


@pytest.mark.parametrize("token", ["1234567890123456", "0xabcdefabcdefabcd", "1e5_000"])
def test_a_token_that_looks_like_a_number_is_quoted(tmp_path: Path, token: str) -> None:
    """It would be read as one."""
    path, authority = tmp_path / "kubeconfig", tmp_path / "ca.crt"
    authority.write_text("CA")

    kubeconfig.write(path, server="https://a:1", authority=authority, token=token)

    assert yaml.safe_load(path.read_text())["users"][0]["user"]["token"] == token


def test_the_token_is_kept(tmp_path: Path) -> None:
    """Copies of the kubeconfig stay good over restarts."""
    first = kubeconfig.token(tmp_path)

    assert kubeconfig.token(tmp_path) == first
    assert len(first) > 40
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600


def test_tokens_differ(tmp_path: Path) -> None:
    """Each daemon has its own."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    assert kubeconfig.token(tmp_path / "a") != kubeconfig.token(tmp_path / "b")


@pytest.mark.parametrize("content", ["", "short", "two words that are long enough"])
def test_a_token_file_without_a_token_is_refused(tmp_path: Path, content: str) -> None:
    """An empty or guessable token would open the door."""
    (tmp_path / "token").write_text(content)

    with pytest.raises(ValueError, match="holds no token"):
        kubeconfig.token(tmp_path)
