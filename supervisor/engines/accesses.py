"""Finds out how to reach an engine: its address, certificates and ssh configuration.

Rules
- The contents of Secrets are written to files in the state directory, because TLS
  libraries and ssh read files. They are removed together with the Engine.
- An Engine names files of one folder only, never paths. Paths in an Engine that comes
  from the settings are compared with the settings, since anyone who may write Engines
  may set that annotation (model/engine.py, `named_files`).
- Nothing is sent to the engine: files that cannot be used are reported before.
"""

import hashlib
import shutil
import ssl
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from supervisor.client.base import Client
from supervisor.engines.access import Access, TlsFiles
from supervisor.kinds.identity import SECRET
from supervisor.machinery import private_files
from supervisor.model import base64_text
from supervisor.model.engine import (
    SECRET_NAMESPACE,
    SSH_KEYS,
    TLS_KEYS,
    Engine,
    EngineTls,
)
from supervisor.model.errors import ApiError


class Unusable(Exception):
    """A file or Secret cannot be used; the text says why."""

    def __init__(self, text: str, reason: str = "BadCertificates") -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True)
class AllowedFiles:
    """The files of this machine that Engines may name."""

    folder: str = ""
    """`engineFiles` of the settings; empty is none."""
    configured: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    """Paths in the present or earlier settings, by node."""

    def path(self, engine: Engine, name: str) -> str:
        """The path of the file that an Engine calls `name`. Raises Unusable."""
        if not name.startswith("/"):
            return self._inside(name)
        if engine.is_configured and name not in self.configured.get(engine.name, ()):
            text = f"{name}: the settings name no such file for node {engine.name}"
            raise Unusable(text, "FileNotAllowed")
        return name

    def _inside(self, name: str) -> str:
        if not self.folder:
            text = f"{name}: the daemon's settings name no folder for it (engineFiles)"
            raise Unusable(text, "FileNotAllowed")
        folder = Path(self.folder).resolve()
        path = (folder / name).resolve()
        if not path.is_relative_to(folder):
            raise Unusable(f"{name}: leads out of {folder}", "FileNotAllowed")
        return str(path)


class Accesses:
    """Writes the contents of Secrets to `folder`, in one subfolder for each Engine."""

    def __init__(
        self, client: Client, folder: Path, allowed: AllowedFiles = AllowedFiles()
    ) -> None:
        self._client = client
        self._folder = folder
        self._allowed = allowed

    def of(self, engine: Engine) -> Access:
        """How to reach an engine. Raises Unusable, and ApiError."""
        spec = engine.spec
        tls, ssh_config, contents = None, "", ""
        if spec.tls is not None:
            tls, contents = self._tls(engine, spec.tls)
        if spec.ssh is not None:
            ssh_config, contents = self._ssh(engine.name, spec.ssh.secret_name)
        if spec.ssh_config:
            ssh_config = self._allowed.path(engine, spec.ssh_config)
            contents = _digest([_content(ssh_config, "BadSshConfig")])
        return Access(
            engine.metadata.uid,
            spec.endpoint,
            spec.network,
            spec.reach,
            spec.publish_address,
            tls,
            ssh_config,
            contents,
            _deprecated(engine),
        )

    def forget(self, name: str) -> None:
        """Remove the files that were written for an Engine."""
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def _ssh(self, name: str, secret: str) -> tuple[str, str]:
        """The path of an ssh configuration, and the digest of its contents."""
        read = self._secret(secret, SSH_KEYS, "BadSshKey")
        key, hosts = self._keep(name, SSH_KEYS, read)
        config = _SSH_CONFIG.format(key=_quoted(key), hosts=_quoted(hosts))
        (path,) = self._keep(name, ["ssh_config"], [config.encode()])
        return path, _digest(read)

    def _tls(self, engine: Engine, given: EngineTls) -> tuple[TlsFiles, str]:
        if given.secret_name:
            read = self._secret(given.secret_name, TLS_KEYS)
            files = TlsFiles(*self._keep(engine.name, TLS_KEYS, read))
        else:
            named = (given.ca_file, given.cert_file, given.key_file)
            files = TlsFiles(*(self._allowed.path(engine, name) for name in named))
            read = [_content(p) for p in (files.ca, files.certificate, files.key)]
        _check(files)
        return files, _digest(read)

    def _secret(
        self, name: str, keys: Sequence[str], reason: str = "BadCertificates"
    ) -> list[bytes]:
        shown = f"secret {SECRET_NAMESPACE}/{name}"
        try:
            secret = self._client.get(SECRET.resource, name, SECRET_NAMESPACE)
        except ApiError as error:
            if error.code == 404:
                raise Unusable(f"{shown}: not found", reason) from error
            raise
        data = secret.get("data") or {}
        missing = [key for key in keys if not data.get(key)]
        if missing:
            text = f"{shown}: has no {' and no '.join(missing)}"
            raise Unusable(text, reason)
        try:
            return [base64_text.decode(data[key]) for key in keys]
        except ValueError as error:
            raise Unusable(f"{shown}: {error}", reason) from error

    def _keep(
        self, name: str, keys: Sequence[str], contents: Sequence[bytes]
    ) -> list[str]:
        """Paths of the files with these contents, which are written if they differ."""
        paths = [self._folder / name / key for key in keys]
        for path, content in zip(paths, contents, strict=True):
            if path.exists() and path.read_bytes() == content:
                continue
            try:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                private_files.write(path, content)
            except OSError as error:
                text = f"{path}: cannot be written: {error.strerror}"
                raise Unusable(text, "CannotWrite") from error
        return [str(path) for path in paths]


#: Replaces the configurations of the user and of the machine.
_SSH_CONFIG = """\
IdentityFile {key}
IdentitiesOnly yes
UserKnownHostsFile {hosts}
GlobalKnownHostsFile none
StrictHostKeyChecking yes
"""


def _quoted(path: str) -> str:
    """A path in ssh_config(5), where `%` starts a token."""
    return '"' + path.replace("%", "%%") + '"'


def _deprecated(engine: Engine) -> str:
    tls, spec = engine.spec.tls or EngineTls(), engine.spec
    named = (tls.ca_file, tls.cert_file, tls.key_file, spec.ssh_config)
    if engine.is_configured or not any(name.startswith("/") for name in named):
        return ""
    return (
        "the Engine names paths of the daemon's machine, which the next version "
        "refuses: put the contents into Secrets (`supervisor node set` does it)"
    )


def _content(path: str, reason: str = "BadCertificates") -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}", reason) from error


def _digest(contents: list[bytes]) -> str:
    return hashlib.sha256(b"\0".join(contents)).hexdigest()


def _check(files: TlsFiles) -> None:
    """Raises Unusable if no TLS connection is possible with these files."""
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
