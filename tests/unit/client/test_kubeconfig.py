"""Kubeconfig files: what they say, and what is said of bad ones."""

import base64
from pathlib import Path

import pytest

from supervisor.client.kubeconfig import KubeconfigError, load

FILE = """\
apiVersion: v1
kind: Config
clusters:
- name: c
  cluster:
    server: https://127.0.0.1:6443
    certificate-authority-data: {ca}
- name: other
  cluster: {{server: "https://192.0.2.1:6443", certificate-authority: ca.crt}}
users:
- name: u
  user: {{token: secret}}
- name: plugin
  user: {{exec: {{command: aws}}}}
contexts:
- name: first
  context: {{cluster: c, user: u, namespace: team}}
- name: second
  context: {{cluster: other}}
- name: third
  context: {{cluster: c, user: plugin}}
- name: broken
  context: {{cluster: nope}}
current-context: first
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A file with several contexts."""
    path = tmp_path / "config"
    path.write_text(FILE.format(ca=base64.b64encode(b"PEM").decode()))
    return path


def test_the_current_context_is_taken(config: Path) -> None:
    """Server, authority, token and namespace."""
    access = load(config)

    assert (access.server, access.ca) == ("https://127.0.0.1:6443", b"PEM")
    assert (access.token, access.namespace) == ("secret", "team")


def test_another_context_may_be_named(config: Path) -> None:
    """File names in it are relative to the kubeconfig."""
    (config.parent / "ca.crt").write_text("OTHER")

    access = load(config, "second")

    assert (access.ca, access.token, access.namespace) == (b"OTHER", "", "default")


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ("nope", 'no context named "nope" (available: broken, first, second, third)'),
        ("broken", 'no cluster named "nope" (available: c, other)'),
        ("second", "ca.crt: No such file or directory"),
        ("third", "users.user.exec is not supported"),
    ],
)
def test_what_cannot_be_used_is_named(config: Path, context: str, message: str) -> None:
    """With the file, and what there is instead."""
    with pytest.raises(KubeconfigError) as caught:
        load(config, context)

    assert str(caught.value).startswith(f"{config}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["- a", "a: [", "kind: Pod", "kind: Config\n", "\x00"])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    """Rather than taken for an empty one."""
    path = tmp_path / "config"
    path.write_text(text)

    with pytest.raises(KubeconfigError):
        load(path)


def test_data_may_have_line_breaks(tmp_path: Path) -> None:
    """As `base64 FILE` writes it; other clients take that, too."""
    text = base64.encodebytes(b"certificate " * 20).decode()
    assert text.count("\n") > 1
    path = tmp_path / "config"
    path.write_text(
        FILE.format(ca="|\n" + "".join(f"      {t}\n" for t in text.split()))
    )

    assert load(path).ca == b"certificate " * 20
