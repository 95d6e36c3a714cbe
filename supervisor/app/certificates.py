"""The daemon's TLS: an authority of its own, and a certificate that it signs.

Rules
- The authority stays for ten years, so that kubeconfigs stay good; the certificate is
  made anew when it nears its end or does not name an address that is listened on.
- What the files hold is noted beside them, so that a start that needs no new ones does
  not load the library that makes them. The note goes first and comes last: files that
  were half renewed when the daemon died are made anew.
"""

import ipaddress
import logging
import socket
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from supervisor.machinery import private_files

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_DAY_SECONDS = 86400.0
_AUTHORITY_DAYS = 3650
_SERVER_DAYS = 365
_RENEW_DAYS = 30
_ALWAYS = ("localhost", "127.0.0.1", "::1")
_WILDCARDS = ("", "0.0.0.0", "::")
_log = logging.getLogger(__name__)


class Files(NamedTuple):
    authority: Path
    """The certificate that clients trust."""
    certificate: Path
    key: Path


class _Note(msgspec.Struct, rename="camel"):
    """What the files hold."""

    authority_ends_at: float
    server_ends_at: float
    hosts: list[str]


class _Pair(NamedTuple):
    certificate: "x509.Certificate"
    key: "EllipticCurvePrivateKey"


def ensure(directory: Path, hosts: Sequence[str], *, now: float) -> Files:
    """The files in `directory`, made or renewed where needed.

    The certificate names `hosts`, this machine and its loopback. If it should be
    renewed and cannot be written, such as on a full disk, the one that is there is used
    as it is. Raises OSError when there is none.
    """
    files = Files(
        directory / "ca.crt", directory / "server.crt", directory / "server.key"
    )
    wanted = _names(hosts)
    note_file, authority_key = directory / "certificates.json", directory / "ca.key"
    good_until = now + _RENEW_DAYS * _DAY_SECONDS
    there = all(path.exists() for path in (*files, authority_key))
    if there and _holds(_read_note(note_file), wanted, good_until):
        return files
    try:
        _renew(files, authority_key, note_file, wanted, now)
    except OSError as error:
        if not all(path.exists() for path in files):
            raise
        _log.error("%s: the certificate is not renewed: %s", directory, error.strerror)
    return files


def _renew(
    files: Files, authority_key: Path, note_file: Path, wanted: list[str], now: float
) -> None:
    good_until = now + _RENEW_DAYS * _DAY_SECONDS
    note_file.unlink(missing_ok=True)
    authority = _read_pair(files.authority, authority_key)
    if authority is None or _end_of(authority) < good_until:
        authority = _make_authority(now)
        _write_pair(authority, files.authority, authority_key)
    server = _make_server(authority, wanted, now)
    _write_pair(server, files.certificate, files.key)
    made = _Note(_end_of(authority), _end_of(server), wanted)
    private_files.write(note_file, msgspec.json.encode(made))


def _holds(note: _Note | None, wanted: Sequence[str], good_until: float) -> bool:
    """Whether the files that `note` is about need not be renewed."""
    if note is None or not set(wanted) <= set(note.hosts):
        return False
    return min(note.authority_ends_at, note.server_ends_at) >= good_until


def _end_of(pair: _Pair) -> float:
    return pair.certificate.not_valid_after_utc.timestamp()


def _names(hosts: Sequence[str]) -> list[str]:
    found = [h for h in (*hosts, *_ALWAYS, socket.gethostname()) if h not in _WILDCARDS]
    return list(dict.fromkeys(found))


def _read_note(path: Path) -> _Note | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Note)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _read_pair(certificate: Path, key: Path) -> _Pair | None:
    """The authority as it stands; None when its files cannot be used any more."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    if not (certificate.exists() and key.exists()):
        return None
    try:
        cert = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), None)
    except ValueError:
        return None
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        return None
    return _Pair(cert, private) if cert.public_key() == private.public_key() else None


def _write_pair(pair: _Pair, certificate: Path, key: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    private = pair.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    private_files.write(key, private)
    public = pair.certificate.public_bytes(serialization.Encoding.PEM)
    private_files.write(certificate, public)


def _make_authority(now: float) -> _Pair:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    key, builder = _draft("supervisor-ca", now, days=_AUTHORITY_DAYS)
    builder = (
        builder.issuer_name(_called("supervisor-ca"))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(_identifier(key), critical=False)
    )
    return _Pair(builder.sign(key, hashes.SHA256()), key)


def _make_server(authority: _Pair, hosts: Sequence[str], now: float) -> _Pair:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    key, builder = _draft("supervisor", now, days=_SERVER_DAYS)
    of_authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(
        authority.key.public_key()
    )
    purpose = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH])
    names = x509.SubjectAlternativeName([_alternative(host) for host in hosts])
    builder = (
        builder.issuer_name(authority.certificate.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(purpose, critical=False)
        .add_extension(names, critical=False)
        .add_extension(_identifier(key), critical=False)
        .add_extension(of_authority, critical=False)
    )
    return _Pair(builder.sign(authority.key, hashes.SHA256()), key)


def _draft(
    name: str, now: float, *, days: int
) -> "tuple[EllipticCurvePrivateKey, x509.CertificateBuilder]":
    """A new key, and a certificate of it that lacks issuer and extensions."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    begins = datetime.fromtimestamp(now, UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_called(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Clocks of clients may be late.
        .not_valid_before(begins - timedelta(hours=1))
        .not_valid_after(begins + timedelta(days=days))
    )
    return key, builder


def _called(name: str) -> "x509.Name":
    from cryptography import x509

    return x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name)])


def _identifier(key: "EllipticCurvePrivateKey") -> "x509.SubjectKeyIdentifier":
    from cryptography import x509

    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def _usage(*, signs_certificates: bool) -> "x509.KeyUsage":
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative(host: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
