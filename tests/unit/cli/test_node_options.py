"""The options of `supervisor node`."""

from pathlib import Path

import pytest

from supervisor.cli.failure import Failure
from supervisor.cli.node import options, secret
from supervisor.cli.node.options import NodeOptions, split_labels


def node_options(
    files: tuple[str, str, str] = ("", "", ""),
    folder: str = "",
    ssh: tuple[str, str] = ("", ""),
    **given: str | bool | None,
) -> NodeOptions:
    fields = ("insecure", "network", "reach", "publish_address", "ssh_config")
    rest = dict.fromkeys(fields)
    return NodeOptions((), files, folder, ssh_files=ssh, **(rest | given))


def test_only_given_options_set_fields() -> None:
    """The API has the defaults; `set` keeps other fields."""
    assert node_options().fields() == {}
    assert node_options(ssh_config="/c").fields() == {"sshConfig": "/c"}
    assert node_options(insecure=True, publish_address="10.0.0.3").fields() == {
        "insecure": True,
        "publishAddress": "10.0.0.3",
    }


def test_certificates_come_from_three_files_or_one_folder(tmp_path: Path) -> None:
    """A folder contains Docker's file names."""
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (tmp_path / name).write_text(f"-----BEGIN {name}")
    files = tuple(str(tmp_path / n) for n in ("ca.pem", "cert.pem", "key.pem"))
    ca, cert, key = files

    found = node_options(folder=str(tmp_path)).certificates()

    assert found == node_options((ca, cert, key)).certificates()
    assert found is not None
    assert found["tls.key"] == b"-----BEGIN key.pem"
    assert node_options().certificates() is None


def test_incomplete_certificates_are_refused(tmp_path: Path) -> None:
    """The message names the option or the file."""
    (tmp_path / "ca.pem").write_text("hello")
    cases = [
        (node_options(("a", "", "c")), "--tlscert must be given too"),
        (
            node_options(("a", "b", "c"), "d"),
            "--tls-dir may not be given with --tlscacert",
        ),
        (
            node_options(("/none", "b", "c")),
            "error reading /none: No such file or directory",
        ),
        (
            node_options(folder=str(tmp_path)),
            "contains no certificate or key in PEM form",
        ),
    ]
    for given, complaint in cases:
        with pytest.raises(Failure) as caught:
            given.certificates()
        assert complaint in caught.value.message


def test_labels_are_set_and_removed() -> None:
    """`KEY-` removes, if removal is supported."""
    assert split_labels(["a=b", "c="]) == {"a": "b", "c": ""}
    assert split_labels(["a=b", "c-"], removable=True) == {"a": "b", "c": None}
    for text in ("a", "=b", "c-"):
        with pytest.raises(Failure, match="invalid label spec"):
            split_labels([text])


def test_new_certificates_have_a_new_secret() -> None:
    """Secrets in use are never overwritten."""
    one = {"ca.crt": b"a", "tls.crt": b"b", "tls.key": b"c"}
    other = one | {"tls.key": b"d"}

    assert secret.name_of("n1", one) == secret.name_of("n1", dict(one))
    assert secret.name_of("n1", one) != secret.name_of("n1", other)


def test_insecure_and_configured_nodes_cause_warnings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Plain tcp, and a node in the configuration file."""
    engine = {
        "metadata": {
            "name": "n1",
            "annotations": {"supervisor.io/source": "configuration"},
        },
        "spec": {"endpoint": "tcp://h:2375", "insecure": True},
    }
    options.warn_if_insecure(engine)
    options.warn_if_configured(engine)

    given = capsys.readouterr().err
    assert "Warning: tcp://h:2375 is not protected" in given
    assert "Warning: node n1 is defined in the daemon's configuration file" in given


def test_ssh_keys_are_stored_in_a_secret(tmp_path: Path) -> None:
    """They are read by the command, not by the daemon."""
    key, hosts = tmp_path / "id", tmp_path / "known_hosts"
    key.write_text("-----BEGIN OPENSSH PRIVATE KEY")
    hosts.write_text("h ssh-ed25519 A")

    assert node_options(ssh=(str(key), str(hosts))).secret() == (
        "ssh",
        {"ssh-privatekey": key.read_bytes(), "known_hosts": hosts.read_bytes()},
    )
    assert node_options().secret() is None
    cases = [
        (node_options(ssh=(str(key), "")), "--ssh-known-hosts must be given too"),
        (node_options(ssh=(str(hosts), str(hosts))), "contains no certificate or key"),
        (
            node_options(ssh=(str(key), str(hosts)), ssh_config="c"),
            "--ssh-config may not be",
        ),
    ]
    for given, complaint in cases:
        with pytest.raises(Failure) as caught:
            given.secret()
        assert complaint in caught.value.message
