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
from supervisor.model.engine import FROM_CONFIGURATION, REACHES, SOURCE, TLS_KEYS
from supervisor.model.meta import Object

F = TypeVar("F", bound=Callable[..., Any])

#: Docker's own names for the files of --tls-dir.
_DOCKER_FILES = ("ca.pem", "cert.pem", "key.pem")
_OPTIONS = ("--tlscacert", "--tlscert", "--tlskey")


@dataclass(frozen=True)
class Wish:
    """The options of one command line; None is what was not said."""

    labels: Sequence[str]
    tls_files: tuple[str, str, str]
    tls_dir: str
    insecure: bool | None
    network: str | None
    reach: str | None
    publish_address: str | None
    ssh_config: str | None

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


def _content(name: str) -> bytes:
    try:
        content = Path(name).expanduser().read_bytes()
    except OSError as error:
        raise Failure(f"error reading {name}: {error.strerror}") from error
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
    """Adds the options, which become a `Wish`."""
    for option in reversed((*_engine_options(), *_tls_options(), *_wait_options())):
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
            metavar="|".join(REACHES),
            help="How the daemon reaches ports of pods (Auto).",
        ),
        click.option(
            "--publish-address",
            metavar="IP",
            help="Address of the host on which ports of pods are published.",
        ),
        click.option(
            "--ssh-config",
            metavar="PATH",
            help="Configuration of ssh, on the daemon's machine (its user's).",
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


def wish(
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
) -> Wish:
    """Of the options as click hands them over."""
    return Wish(
        labels,
        (tlscacert, tlscert, tlskey),
        tls_dir,
        insecure,
        network,
        reach,
        publish_address,
        ssh_config,
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
