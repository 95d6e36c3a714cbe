"""Options of `node add` and `node set`, and the Engine fields that they set."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from supervisor.cli.failure import Failure
from supervisor.cli.session import Session, print_stderr
from supervisor.model.engine import (
    FROM_CONFIGURATION,
    REACH_MODES,
    SOURCE,
    SSH_KEYS,
    TLS_KEYS,
)
from supervisor.model.meta import Object

F = TypeVar("F", bound=Callable[..., Any])

#: Docker's names of the files in --tls-dir.
_DOCKER_FILES = ("ca.pem", "cert.pem", "key.pem")
_OPTIONS = ("--tlscacert", "--tlscert", "--tlskey")
_SSH_OPTIONS = ("--ssh-key", "--ssh-known-hosts")


@dataclass(frozen=True)
class NodeOptions:
    """The options of one command; None if not given."""

    labels: Sequence[str]
    tls_files: tuple[str, str, str]
    tls_dir: str
    insecure: bool | None
    network: str | None
    reach: str | None
    publish_address: str | None
    ssh_config: str | None
    ssh_files: tuple[str, str] = ("", "")

    def fields(self) -> Object:
        """The fields of the spec, except labels, TLS and SSH keys."""
        given: Object = {
            "insecure": self.insecure,
            "network": self.network,
            "reach": self.reach,
            "publishAddress": self.publish_address,
            "sshConfig": self.ssh_config,
        }
        return {field: value for field, value in given.items() if value is not None}

    def secret(self) -> tuple[str, dict[str, bytes]] | None:
        """The spec field for the Secret (`tls` or `ssh`) and the Secret's data.

        None without certificates and keys. Raises Failure for invalid combinations.
        """
        certificates, keys = self.certificates(), self.ssh_keys()
        if certificates is not None and keys is not None:
            raise Failure(f"{_SSH_OPTIONS[0]} may not be given with certificates")
        if keys is not None:
            return "ssh", keys
        return None if certificates is None else ("tls", certificates)

    def ssh_keys(self) -> dict[str, bytes] | None:
        """Contents of the private key and known hosts by Secret key; None if not given.

        Raises Failure.
        """
        if not any(self.ssh_files):
            return None
        pairs = list(zip(_SSH_OPTIONS, self.ssh_files, strict=True))
        if missing := [option for option, name in pairs if not name]:
            raise Failure(f"{', '.join(missing)} must be given too")
        if self.ssh_config:
            raise Failure(f"--ssh-config may not be given with {_SSH_OPTIONS[0]}")
        key, hosts = self.ssh_files
        contents = (_content(key), _read(hosts))
        return dict(zip(SSH_KEYS, contents, strict=True))

    def certificates(self) -> dict[str, bytes] | None:
        """Contents of the certificate files by Secret key; None if not given.

        Raises Failure.
        """
        if self.tls_dir and any(self.tls_files):
            raise Failure(f"--tls-dir may not be given with {', '.join(_OPTIONS)}")
        if self.tls_dir:
            folder = Path(self.tls_dir).expanduser()
            names = [str(folder / name) for name in _DOCKER_FILES]
        elif any(self.tls_files):
            names = list(self.tls_files)
            missing = [o for o, name in zip(_OPTIONS, names, strict=True) if not name]
            if missing:
                raise Failure(f"{', '.join(missing)} must be given too")
        else:
            return None
        return {key: _content(n) for key, n in zip(TLS_KEYS, names, strict=True)}


def _read(name: str) -> bytes:
    try:
        return Path(name).expanduser().read_bytes()
    except OSError as error:
        raise Failure(f"error reading {name}: {error.strerror}") from error


def _content(name: str) -> bytes:
    content = _read(name)
    if b"-----BEGIN " not in content:
        raise Failure(f"{name} contains no certificate or key in PEM format")
    return content


def split_labels(
    given: Sequence[str], *, removable: bool = False
) -> dict[str, str | None]:
    """Parse `KEY=VALUE` and, if `removable`, `KEY-` into a merge patch.

    Raises Failure.
    """
    labels: dict[str, str | None] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if equals and key:
            labels[key] = value
        elif removable and not equals and text.endswith("-") and len(text) > 1:
            labels[text[:-1]] = None
        else:
            form = "KEY=VALUE or KEY-" if removable else "KEY=VALUE"
            raise Failure(f"invalid label spec: {text}", f"write --label {form}")
    return labels


def with_engine(function: F) -> F:
    """Adds the options for `from_click`, and --wait and --timeout."""
    options = (_engine_options, _ssh_options, _tls_options, _wait_options)
    for option in reversed([option for group in options for option in group()]):
        function = option(function)
    return function


def _engine_options() -> tuple[Callable[[F], F], ...]:
    return (
        click.option(
            "--label",
            "labels",
            multiple=True,
            metavar="KEY=VALUE",
            help="Label of the node. Can be repeated.",
        ),
        click.option("--network", help="Docker network for pods (default: bridge)."),
        click.option(
            "--reach",
            metavar="|".join(REACH_MODES),
            help="How the daemon reaches ports of pods (default: Auto).",
        ),
        click.option(
            "--publish-address",
            metavar="IP",
            help="Host address on which ports of pods are published.",
        ),
    )


def _ssh_options() -> tuple[Callable[[F], F], ...]:
    return (
        click.option(
            "--ssh-key",
            default="",
            metavar="FILE",
            help="Private key for SSH (default: as configured for the daemon's user).",
        ),
        click.option(
            "--ssh-known-hosts",
            default="",
            metavar="FILE",
            help="Known hosts file with the engine's host; requires --ssh-key.",
        ),
        click.option(
            "--ssh-config",
            metavar="NAME",
            help="SSH configuration: a file in the daemon's engineFiles folder.",
        ),
    )


def _tls_options() -> tuple[Callable[[F], F], ...]:
    texts = (
        "CA certificate of the engine.",
        "Client certificate of the daemon.",
        "Key of the client certificate.",
    )
    files = (
        click.option(option, default="", metavar="FILE", help=text)
        for option, text in zip(_OPTIONS, texts, strict=True)
    )
    return (
        *files,
        click.option(
            "--tls-dir",
            default="",
            metavar="DIR",
            help="Folder with ca.pem, cert.pem and key.pem, like $DOCKER_CERT_PATH.",
        ),
        click.option(
            "--insecure",
            is_flag=True,
            default=None,
            help="Allow tcp:// without TLS: anyone who connects is root on the host.",
        ),
    )


def _wait_options() -> tuple[Callable[[F], F], ...]:
    return (
        click.option("--wait", is_flag=True, help="Wait until the node is ready."),
        click.option(
            "--timeout",
            default="60s",
            metavar="DURATION",
            help="How long to wait; 0 means no limit.",
        ),
    )


def from_click(
    *,
    labels: Sequence[str],
    tlscacert: str,
    tlscert: str,
    tlskey: str,
    tls_dir: str,
    insecure: bool | None,
    network: str | None,
    reach: str | None,
    publish_address: str | None,
    ssh_config: str | None,
    ssh_key: str,
    ssh_known_hosts: str,
) -> NodeOptions:
    """NodeOptions from the parameters that click passes."""
    return NodeOptions(
        labels,
        (tlscacert, tlscert, tlskey),
        tls_dir,
        insecure,
        network,
        reach,
        publish_address,
        ssh_config,
        (ssh_key, ssh_known_hosts),
    )


def warn(session: Session, engine: Object, warnings: Sequence[str] = ()) -> None:
    """Print the server's warnings and our own."""
    session.warn(list(warnings))
    warn_if_insecure(engine)
    warn_if_configured(engine)


def warn_if_insecure(engine: Object) -> None:
    spec = engine.get("spec") or {}
    if spec.get("insecure"):
        print_stderr(
            f"Warning: {spec['endpoint']} is not protected: whoever reaches it is root "
            "on that host"
        )


def warn_if_configured(engine: Object) -> None:
    """Changes to a configured node last until the daemon restarts."""
    annotations: Mapping[str, str] = engine["metadata"].get("annotations") or {}
    if annotations.get(SOURCE) == FROM_CONFIGURATION:
        print_stderr(
            f"Warning: node {engine['metadata']['name']} is defined in the daemon's "
            "configuration file, which will be applied again at the next start"
        )
