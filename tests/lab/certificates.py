"""The lab's authority and what it signs: good certificates, and such as are not.

Each identity is a folder with ca.pem, cert.pem and key.pem, the names that Docker's own
clients look for, and is made once.
"""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LONG = timedelta(days=3650)
_SHORT = timedelta(hours=2)
_EARLIER = timedelta(days=1)
"""Before now, so that a clock that is behind does not matter."""
_ELSEWHERE = ("node.invalid", "192.0.2.1")


class Flaw(Enum):
    """What is wrong with a certificate."""

    NONE = "none"
    EXPIRED = "expired"
    """It ended two hours ago."""
    EARLY = "early"
    """It begins in two hours, as for a machine whose clock is behind."""
    STRANGER = "stranger"
    """Another authority of the same name has signed it."""
    NAME = "name"
    """It is for another host."""


class Identity(NamedTuple):
    folder: Path

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def certificate(self) -> Path:
        return self.folder / "cert.pem"

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"


class _Authority(NamedTuple):
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class Authority:
    """Makes its key at the first use of the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def client(self, flaw: Flaw = Flaw.NONE) -> Identity:
        return self._identity(
            "client", flaw, ("client",), ExtendedKeyUsageOID.CLIENT_AUTH
        )

    def server(
        self, name: str, hosts: Sequence[str], flaw: Flaw = Flaw.NONE
    ) -> Identity:
        named = _ELSEWHERE if flaw is Flaw.NAME else (name, *hosts)
        return self._identity(name, flaw, named, ExtendedKeyUsageOID.SERVER_AUTH)

    def _identity(
        self,
        name: str,
        flaw: Flaw,
        hosts: Sequence[str],
        usage: x509.ObjectIdentifier,
    ) -> Identity:
        below = name if flaw is Flaw.NONE else f"{name}-{flaw.value}"
        made = Identity(self._folder / below)
        if made.certificate.exists():
            return made
        trusted = self._authority("ca")
        signer = self._authority("stranger") if flaw is Flaw.STRANGER else trusted
        made.folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _sign(signer, key, hosts=hosts, usage=usage, flaw=flaw)
        made.ca.write_bytes(_pem(trusted.certificate))
        _write_key(made.key, key)
        made.certificate.write_bytes(_pem(certificate))
        return made

    def _authority(self, name: str) -> _Authority:
        folder = self._folder / name
        certificate_file, key_file = folder / "cert.pem", folder / "key.pem"
        if certificate_file.exists():
            key = serialization.load_pem_private_key(key_file.read_bytes(), None)
            assert isinstance(key, ec.EllipticCurvePrivateKey)
            pem = certificate_file.read_bytes()
            return _Authority(x509.load_pem_x509_certificate(pem), key)
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _self_sign(key)
        _write_key(key_file, key)
        certificate_file.write_bytes(_pem(certificate))
        return _Authority(certificate, key)


def _self_sign(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name, now = _name("lab authority"), datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + _LONG)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
    )
    return builder.sign(key, hashes.SHA256())


def _sign(
    signer: _Authority,
    key: ec.EllipticCurvePrivateKey,
    *,
    hosts: Sequence[str],
    usage: x509.ObjectIdentifier,
    flaw: Flaw,
) -> x509.Certificate:
    now = datetime.now(UTC)
    begin = now + _SHORT if flaw is Flaw.EARLY else now - _EARLIER
    end = now - _SHORT if flaw is Flaw.EXPIRED else now + _LONG
    alternatives = x509.SubjectAlternativeName([_host(h) for h in hosts])
    above = signer.key.public_key()
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(above)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(hosts[0]))
        .issuer_name(signer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(alternatives, critical=False)
        .add_extension(identifier, critical=False)
    )
    return builder.sign(signer.key, hashes.SHA256())


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
