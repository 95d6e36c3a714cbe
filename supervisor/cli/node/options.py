"""The options that say where an engine is and how it is reached, as `add` and `set`
take them, and the fields of an Engine that they mean.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from supervisor.cli.failure import Failure
from supervisor.cli.session import Session, say
from supervisor.model.engine import (
    FROM_CONFIGURATION,
    REACH_MODES,
    SOURCE,
    SSH_KEYS,
    TLS_KEYS,
)
from supervisor.model.meta import Object

F = TypeVar("F", bound=Callable[..., Any])

#: Docker's own names for the files of --tls-dir.
_DOCKER_FILES = ("ca.pem", "cert.pem", "key.pem")
_OPTIONS = ("--tlscacert", "--tlscert", "--tlskey")
_SSH_OPTIONS = ("--ssh-key", "--ssh-known-hosts")


@dataclass(frozen=True)
class NodeOptions:
    """The options of one command line; None is what was not said."""

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
        """What they mean in a spec, but for labels and TLS."""
        given: Object = {
            "insecure": self.insecure,
            "network": self.network,
            "reach": self.reach,
            "publishAddress": self.publish_address,
            "sshConfig": self.ssh_config,
        }
        return {field: value for field, value in given.items() if value is not None}

    def secret(self) -> tuple[str, dict[str, bytes]] | None:
        """The field of the spec that names a Secret, and what is to be in that."""
        certificates, keys = self.certificates(), self.ssh_keys()
        if certificates is not None and keys is not None:
            raise Failure(f"{_SSH_OPTIONS[0]} may not be given with certificates")
        if keys is not None:
            return "ssh", keys
        return None if certificates is None else ("tls", certificates)

    def ssh_keys(self) -> dict[str, bytes] | None:
        """The contents of the key and of the known hosts; None without files."""
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
        """The contents of the files, by the keys of a Secret; None without files."""
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
        raise Failure(f"{name} holds no certificate or key in PEM form")
    return content


def split_labels(
    given: Sequence[str], *, removable: bool = False
) -> dict[str, str | None]:
    """`KEY=VALUE`, and `KEY-` where labels can be removed, as the patch they mean."""
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
    """Adds the options, which become a `NodeOptions`."""
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
            help="A label of the node. Repeatable.",
        ),
        click.option("--network", help="Docker network of the pods (bridge)."),
        click.option(
            "--reach",
            metavar="|".join(REACH_MODES),
            help="How the daemon reaches ports of pods (Auto).",
        ),
        click.option(
            "--publish-address",
            metavar="IP",
            help="Address of the host on which ports of pods are published.",
        ),
    )


def _ssh_options() -> tuple[Callable[[F], F], ...]:
    return (
        click.option(
            "--ssh-key",
            default="",
            metavar="FILE",
            help="Private key by which the host knows the daemon (its user's).",
        ),
        click.option(
            "--ssh-known-hosts",
            default="",
            metavar="FILE",
            help="Known hosts, with the key of the engine's host; with --ssh-key.",
        ),
        click.option(
            "--ssh-config",
            metavar="NAME",
            help="Configuration of ssh: a file of the daemon's folder engineFiles.",
        ),
    )


def _tls_options() -> tuple[Callable[[F], F], ...]:
    texts = (
        "Certificate of who signed the engine's.",
        "Certificate by which the engine knows the daemon.",
        "Key of that certificate.",
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
            help="Folder with ca.pem, cert.pem and key.pem, as $DOCKER_CERT_PATH.",
        ),
        click.option(
            "--insecure",
            is_flag=True,
            default=None,
            help="Plain tcp:// without TLS is wanted: who reaches it is root there.",
        ),
    )


def _wait_options() -> tuple[Callable[[F], F], ...]:
    return (
        click.option("--wait", is_flag=True, help="Return when the node is ready."),
        click.option(
            "--timeout",
            default="60s",
            metavar="DURATION",
            help="Give up waiting after this time.",
        ),
    )


def opts(
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
    """Of the options as click hands them over."""
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
    """Tell of what may surprise."""
    session.warn(list(warnings))
    warn_of_danger(engine)
    warn_of_configuration(engine)


def warn_of_danger(engine: Object) -> None:
    spec = engine.get("spec") or {}
    if spec.get("insecure"):
        say(
            f"Warning: {spec['endpoint']} is not protected: whoever reaches it is root "
            "on that host"
        )


def warn_of_configuration(engine: Object) -> None:
    """What a user does to it holds until the daemon starts again."""
    annotations: Mapping[str, str] = engine["metadata"].get("annotations") or {}
    if annotations.get(SOURCE) == FROM_CONFIGURATION:
        say(
            f"Warning: node {engine['metadata']['name']} stands in the daemon's "
            "configuration file, which decides again at its next start"
        )
