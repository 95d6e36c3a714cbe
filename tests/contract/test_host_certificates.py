"""The certificates that hosts in containers and their supervisor know each other by."""

import shutil
import socket
import ssl
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "configs" / "compose" / "certificates"
NAMES = ("supervisor", "node1=127.0.0.1", "node2=10.130.0.12")

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="needs the command openssl"
)


def make(folder: Path, *names: str) -> str:
    done = subprocess.run(
        [SCRIPT, folder, *names], capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where certificates for two hosts have been made."""
    make(tmp_path, *NAMES)
    return tmp_path


def context(files: Path, purpose: ssl.Purpose) -> ssl.SSLContext:
    made = ssl.create_default_context(purpose, cafile=str(files / "ca.pem"))
    made.load_cert_chain(files / "cert.pem", files / "key.pem")
    made.verify_mode = ssl.CERT_REQUIRED
    return made


def shake_hands(host: Path, client: ssl.SSLContext, name: str) -> str:
    """The subject that a host at `name` sees when the client comes."""
    ours, theirs = socket.socketpair()
    seen: list[str] = []

    def serve() -> None:
        at_host = context(host, ssl.Purpose.CLIENT_AUTH)
        try:
            with at_host.wrap_socket(theirs, server_side=True) as server:
                peer: Any = server.getpeercert()
                subject = dict(pair[0] for pair in peer["subject"])
                seen.append(str(subject["commonName"]))
        except (ssl.SSLError, ConnectionError):
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        client.wrap_socket(ours, server_hostname=name).close()
    finally:
        ours.close()
        thread.join(10)
    return seen[0]


def test_supervisor_and_host_know_each_other(folder: Path) -> None:
    """The host sees the supervisor, which sees the host at its address."""
    client = context(folder / "supervisor", ssl.Purpose.SERVER_AUTH)

    assert shake_hands(folder / "node1", client, "127.0.0.1") == "supervisor"


def test_a_host_at_another_address_is_refused(folder: Path) -> None:
    """A certificate is good for the address of its own host only."""
    client = context(folder / "supervisor", ssl.Purpose.SERVER_AUTH)

    with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
        shake_hands(folder / "node2", client, "127.0.0.1")


def test_hosts_are_no_clients_of_each_other(folder: Path) -> None:
    """The certificate of a host opens no other host."""
    client = context(folder / "node2", ssl.Purpose.SERVER_AUTH)

    with pytest.raises(IndexError):
        shake_hands(folder / "node1", client, "127.0.0.1")


def test_the_key_of_the_authority_is_not_kept(folder: Path) -> None:
    """Nobody can sign anything afterwards, and the other keys are private."""
    made = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}

    assert made == {
        f"{name}/{file}.pem"
        for name in ("supervisor", "node1", "node2")
        for file in ("ca", "cert", "key")
    }
    assert {p.stat().st_mode & 0o077 for p in folder.rglob("key.pem")} == {0}


def test_good_certificates_are_left_alone(folder: Path) -> None:
    """Starting again changes nothing that running engines have read."""
    before = {p: p.read_bytes() for p in folder.rglob("*.pem")}

    said = make(folder, *NAMES)

    assert said == "The certificates are good\n"
    assert {p: p.read_bytes() for p in folder.rglob("*.pem")} == before


def test_all_are_made_anew_when_one_is_missing(folder: Path) -> None:
    """All of them are of one authority, always."""
    shutil.rmtree(folder / "node2")

    make(folder, *NAMES)

    assert len({p.read_bytes() for p in folder.rglob("ca.pem")}) == 1
    client = context(folder / "supervisor", ssl.Purpose.SERVER_AUTH)
    assert shake_hands(folder / "node1", client, "127.0.0.1") == "supervisor"
