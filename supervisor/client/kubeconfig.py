"""Read kubeconfig files: server, CA and credentials.

Rules
- Inline data takes precedence over a file name; file names are relative to the
  kubeconfig.
- Unsupported credentials, such as exec plugins, are an error that names the field.

Follows client-go/tools/clientcmd/api/v1/types.go.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor.model import base64_text, yaml_reader


class KubeconfigError(ValueError):
    """An unusable kubeconfig; the message names file and field."""


@dataclass(frozen=True)
class Access:
    """Address of a server, and how to authenticate."""

    server: str
    token: str = ""
    ca: bytes | None = None
    """PEM; None for the CAs of the system."""
    client_certificate: bytes | None = None
    client_key: bytes | None = None
    insecure: bool = False
    namespace: str = "default"


def load(path: Path, context: str = "") -> Access:
    """The access data of `context`, by default the current one, in the file at `path`.

    Raises KubeconfigError.
    """
    document = _read(path)
    name = context or document.get("current-context") or ""
    if not name:
        raise KubeconfigError(f"{path}: current-context is not set")
    chosen = _named(path, document, "contexts", "context", name)
    cluster = _named(path, document, "clusters", "cluster", chosen.get("cluster") or "")
    user: dict[str, Any] = {}
    if chosen.get("user"):
        user = _named(path, document, "users", "user", chosen["user"])
    return _access(path, chosen, cluster, user)


def _access(
    path: Path,
    context: dict[str, Any],
    cluster: dict[str, Any],
    user: dict[str, Any],
) -> Access:
    for plugin in ("exec", "auth-provider", "username"):
        if user.get(plugin):
            raise KubeconfigError(
                f"{path}: users.user.{plugin} is not supported: "
                "use a token or a client certificate"
            )
    if not cluster.get("server"):
        raise KubeconfigError(f"{path}: clusters.cluster.server is missing")
    return Access(
        server=cluster["server"],
        token=_token(path, user),
        ca=_data(path, cluster, "certificate-authority"),
        client_certificate=_data(path, user, "client-certificate"),
        client_key=_data(path, user, "client-key"),
        insecure=bool(cluster.get("insecure-skip-tls-verify")),
        namespace=context.get("namespace") or "default",
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml_reader.one(path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise KubeconfigError(f"{path}: {reason}") from error
    except yaml_reader.YamlError as error:
        raise KubeconfigError(f"{path}: invalid YAML: {error}") from error
    if not isinstance(document, dict) or document.get("kind", "Config") != "Config":
        raise KubeconfigError(f"{path}: not a kubeconfig (a mapping of kind Config)")
    return document


def _named(
    path: Path, document: dict[str, Any], section: str, member: str, name: str
) -> dict[str, Any]:
    entries = [e for e in document.get(section) or [] if isinstance(e, dict)]
    for entry in entries:
        if entry.get("name") == name:
            found = entry.get(member) or {}
            if isinstance(found, dict):
                return found
            raise KubeconfigError(f"{path}: {section}.{member} is not a mapping")
    known = ", ".join(sorted(str(e.get("name")) for e in entries)) or "none"
    raise KubeconfigError(f'{path}: no {member} named "{name}" (available: {known})')


def _token(path: Path, user: dict[str, Any]) -> str:
    if user.get("token"):
        return str(user["token"])
    if user.get("tokenFile"):
        return _file(path, user["tokenFile"]).decode().strip()
    return ""


def _data(path: Path, section: dict[str, Any], key: str) -> bytes | None:
    inline = section.get(f"{key}-data")
    if inline:
        try:
            return base64_text.decode(str(inline))
        except ValueError as error:
            raise KubeconfigError(f"{path}: {key}-data is not base64") from error
    return _file(path, section[key]) if section.get(key) else None


def _file(path: Path, name: str) -> bytes:
    try:
        return (path.parent / name).read_bytes()
    except OSError as error:
        raise KubeconfigError(f"{path}: {name}: {error.strerror}") from error
