"""Certificates: made once, renewed in time, trusted through the authority."""

import ipaddress
import ssl
import stat
from pathlib import Path

import pytest
from cryptography import x509

from supervisor.app import certificates
from tests.fakes.clock import START

DAY = 86400.0


def names_of(path: Path) -> set[str]:
    """The hosts and addresses that a certificate is good for."""
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    extension = certificate.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    names = extension.value.get_values_for_type(x509.DNSName)
    addresses = extension.value.get_values_for_type(x509.IPAddress)
    return {*names, *(str(address) for address in addresses)}


def contents(files: certificates.Files) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in files)


def test_the_certificate_names_where_the_daemon_listens(tmp_path: Path) -> None:
    """The address given, and this machine's own; no wildcards."""
    files = certificates.ensure(tmp_path, ["192.0.2.7", "0.0.0.0"], now=START)

    names = names_of(files.certificate)
    assert {
        "192.0.2.7",
        "localhost",
        "127.0.0.1",
        str(ipaddress.ip_address("::1")),
    } <= (names)
    assert "0.0.0.0" not in names


def test_it_is_good_for_those_who_trust_the_authority(tmp_path: Path) -> None:
    """Key and certificate belong together, and the strictest checks pass."""
    files = certificates.ensure(tmp_path, [], now=START)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.certificate, files.key)

    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())

    certificate.verify_directly_issued_by(authority)


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    """Mode 0600, every file, and no drafts are left."""
    certificates.ensure(tmp_path, [], now=START)

    found = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()}
    assert set(found) == {
        "ca.crt",
        "ca.key",
        "server.crt",
        "server.key",
        "certificates.json",
    }
    assert set(found.values()) == {0o600}


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    """As long as they are good for long enough and for all addresses."""
    first = contents(certificates.ensure(tmp_path, ["192.0.2.7"], now=START))

    again = certificates.ensure(tmp_path, ["192.0.2.7"], now=START + 100 * DAY)

    assert contents(again) == first


@pytest.mark.parametrize(
    ("hosts", "days"), [([], 340.0), ([], 400.0), (["192.0.2.8"], 1.0)]
)
def test_a_certificate_is_renewed_by_the_same_authority(
    tmp_path: Path, hosts: list[str], days: float
) -> None:
    """When it nears its end or lacks an address; kubeconfigs stay good."""
    before = contents(certificates.ensure(tmp_path, [], now=START))

    files = certificates.ensure(tmp_path, hosts, now=START + days * DAY)

    after = contents(files)
    assert after[0] == before[0]
    assert after[1] != before[1] and after[2] != before[2]
    assert set(hosts) <= names_of(files.certificate)


@pytest.mark.parametrize("lost", ["server.key", "certificates.json", "ca.key"])
def test_lost_files_are_made_anew(tmp_path: Path, lost: str) -> None:
    """Whatever is missing, what comes out works."""
    certificates.ensure(tmp_path, [], now=START)
    (tmp_path / lost).unlink()

    files = certificates.ensure(tmp_path, [], now=START)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)


@pytest.mark.parametrize("damaged", ["ca.crt", "ca.key", "certificates.json"])
def test_damaged_files_are_made_anew(tmp_path: Path, damaged: str) -> None:
    """A half-written authority cannot be used, and is replaced."""
    certificates.ensure(tmp_path, [], now=START)
    (tmp_path / "certificates.json").unlink()
    (tmp_path / damaged).write_text("nonsense")

    files = certificates.ensure(tmp_path, [], now=START)

    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    certificate.verify_directly_issued_by(authority)
