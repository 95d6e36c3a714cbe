"""How this process reaches an engine: its address, and files: certificates, and ssh's
configuration.

Rules
- Certificates from a Secret become files of the state directory, since TLS libraries
  read files; they go when the Engine goes.
- Nothing here touches the engine: files that cannot be used are told of before.
- Two accesses are equal only if the contents of their files are.
"""

import hashlib
import shutil
import ssl
from dataclasses import dataclass
from pathlib import Path

from supervisor.app import private_files
from supervisor.client.base import Client
from supervisor.model import base64_text
from supervisor.model.engine import SECRET_NAMESPACE, TLS_KEYS, Engine, EngineTls
from supervisor.model.errors import ApiError
from supervisor.runtime.docker import Tls


class Unusable(Exception):
    """The text says what is wrong with a file, for the user."""

    def __init__(self, text: str, reason: str = "BadCertificates") -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True)
class Access:
    engine_uid: str
    endpoint: str
    network: str
    reach: str
    publish_address: str
    tls: Tls | None = None
    ssh_config: str = ""
    contents: str = ""
    """A digest of the files that are named."""


class Accesses:
    """Certificates of Secrets are kept in `folder`, one folder for each Engine."""

    def __init__(self, client: Client, folder: Path) -> None:
        self._client = client
        self._folder = folder

    def of(self, engine: Engine) -> Access:
        """Raises Unusable; ApiError when the API is away."""
        spec = engine.spec
        tls, contents = None, ""
        if spec.tls is not None:
            tls, contents = self._tls(engine.name, spec.tls)
        if spec.ssh_config:
            contents = _digest([_content(spec.ssh_config, "BadSshConfig")])
        return Access(
            engine.metadata.uid,
            spec.endpoint,
            spec.network,
            spec.reach,
            spec.publish_address,
            tls,
            spec.ssh_config,
            contents,
        )

    def forget(self, name: str) -> None:
        """Remove what was kept for an Engine."""
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def _tls(self, name: str, given: EngineTls) -> tuple[Tls, str]:
        if given.secret_name:
            read = self._secret(given.secret_name)
            files = Tls(*(str(self._folder / name / key) for key in TLS_KEYS))
            self._keep(files, read)
        else:
            files = Tls(given.ca_file, given.cert_file, given.key_file)
            read = [_content(p) for p in (files.ca, files.certificate, files.key)]
        _check(files)
        return files, _digest(read)

    def _secret(self, name: str) -> list[bytes]:
        shown = f"secret {SECRET_NAMESPACE}/{name}"
        try:
            secret = self._client.get("secrets", name, SECRET_NAMESPACE)
        except ApiError as error:
            if error.code == 404:
                raise Unusable(f"{shown}: not found") from error
            raise
        data = secret.get("data") or {}
        missing = [key for key in TLS_KEYS if not data.get(key)]
        if missing:
            raise Unusable(f"{shown}: has no {' and no '.join(missing)}")
        try:
            return [base64_text.decode(data[key]) for key in TLS_KEYS]
        except ValueError as error:
            raise Unusable(f"{shown}: {error}") from error

    def _keep(self, files: Tls, contents: list[bytes]) -> None:
        for name, content in zip(
            (files.ca, files.certificate, files.key), contents, strict=True
        ):
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists() or path.read_bytes() != content:
                private_files.write(path, content)


def _content(path: str, reason: str = "BadCertificates") -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}", reason) from error


def _digest(contents: list[bytes]) -> str:
    return hashlib.sha256(b"\0".join(contents)).hexdigest()


def _check(files: Tls) -> None:
    """Raises Unusable for files that no connection could be made with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=files.ca)
    except (ssl.SSLError, OSError) as error:
        raise Unusable(f"{files.ca}: holds no certificate in PEM form") from error
    try:
        # A key with a password must not make the daemon ask for it.
        context.load_cert_chain(files.certificate, files.key, password=lambda: "")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            text = f"{files.key}: is not the key of {files.certificate}"
        else:
            text = (
                f"{files.certificate} and {files.key}: hold no certificate and its "
                "key, without a password, in PEM form"
            )
        raise Unusable(text) from error
