"""`supervisor node`: what its options mean."""

from pathlib import Path

import pytest

from supervisor.cli.failure import Failure
from supervisor.cli.node import options, secret
from supervisor.cli.node.options import NodeOptions, split_labels


def wish(
    files: tuple[str, str, str] = ("", "", ""),
    folder: str = "",
    ssh: tuple[str, str] = ("", ""),
    **said: str | bool | None,
) -> NodeOptions:
    fields = ("insecure", "network", "reach", "publish_address", "ssh_config")
    rest = dict.fromkeys(fields)
    return NodeOptions((), files, folder, ssh_files=ssh, **(rest | said))


def test_only_what_is_said_becomes_a_field() -> None:
    """The API has the defaults; `set` leaves the rest alone."""
    assert wish().fields() == {}
    assert wish(ssh_config="/c").fields() == {"sshConfig": "/c"}
    assert wish(insecure=True, publish_address="10.0.0.3").fields() == {
        "insecure": True,
        "publishAddress": "10.0.0.3",
    }


def test_certificates_come_from_three_files_or_one_folder(tmp_path: Path) -> None:
    """A folder has Docker's own names for them."""
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (tmp_path / name).write_text(f"-----BEGIN {name}")
    files = tuple(str(tmp_path / n) for n in ("ca.pem", "cert.pem", "key.pem"))
    ca, cert, key = files

    found = wish(folder=str(tmp_path)).certificates()

    assert found == wish((ca, cert, key)).certificates()
    assert found is not None
    assert found["tls.key"] == b"-----BEGIN key.pem"
    assert wish().certificates() is None


def test_certificates_that_are_incomplete_are_refused(tmp_path: Path) -> None:
    """The message names the option, or the file."""
    (tmp_path / "ca.pem").write_text("hello")
    cases = [
        (wish(("a", "", "c")), "--tlscert must be given too"),
        (wish(("a", "b", "c"), "d"), "--tls-dir may not be given with --tlscacert"),
        (wish(("/none", "b", "c")), "error reading /none: No such file or directory"),
        (wish(folder=str(tmp_path)), "contains no certificate or key in PEM form"),
    ]
    for given, complaint in cases:
        with pytest.raises(Failure) as caught:
            given.certificates()
        assert complaint in caught.value.message


def test_labels_are_set_and_removed() -> None:
    """`KEY-` removes, where there is something to remove."""
    assert split_labels(["a=b", "c="]) == {"a": "b", "c": ""}
    assert split_labels(["a=b", "c-"], removable=True) == {"a": "b", "c": None}
    for text in ("a", "=b", "c-"):
        with pytest.raises(Failure, match="invalid label spec"):
            split_labels([text])


def test_new_certificates_are_another_secret() -> None:
    """What is in use is never overwritten."""
    one = {"ca.crt": b"a", "tls.crt": b"b", "tls.key": b"c"}
    other = one | {"tls.key": b"d"}

    assert secret.name_of("n1", one) == secret.name_of("n1", dict(one))
    assert secret.name_of("n1", one) != secret.name_of("n1", other)


def test_dangerous_and_passing_things_are_warned_about(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Plain tcp, and a node that the configuration file decides about."""
    engine = {
        "metadata": {
            "name": "n1",
            "annotations": {"supervisor.io/source": "configuration"},
        },
        "spec": {"endpoint": "tcp://h:2375", "insecure": True},
    }
    options.warn_if_insecure(engine)
    options.warn_if_configured(engine)

    said = capsys.readouterr().err
    assert "Warning: tcp://h:2375 is not protected" in said
    assert "Warning: node n1 is defined in the daemon's configuration file" in said


def test_keys_of_ssh_become_a_secret_too(tmp_path: Path) -> None:
    """Read here, whatever machine the daemon runs on."""
    key, hosts = tmp_path / "id", tmp_path / "known_hosts"
    key.write_text("-----BEGIN OPENSSH PRIVATE KEY")
    hosts.write_text("h ssh-ed25519 A")

    assert wish(ssh=(str(key), str(hosts))).secret() == (
        "ssh",
        {"ssh-privatekey": key.read_bytes(), "known_hosts": hosts.read_bytes()},
    )
    assert wish().secret() is None
    cases = [
        (wish(ssh=(str(key), "")), "--ssh-known-hosts must be given too"),
        (wish(ssh=(str(hosts), str(hosts))), "contains no certificate or key"),
        (wish(ssh=(str(key), str(hosts)), ssh_config="c"), "--ssh-config may not be"),
    ]
    for given, complaint in cases:
        with pytest.raises(Failure) as caught:
            given.secret()
        assert complaint in caught.value.message
