"""`supervisor kubeconfig`: print or merge the kubeconfig in use."""

import os
import tempfile
from pathlib import Path
from typing import Any

import click

from supervisor.cli.failure import Failure
from supervisor.cli.options import Verb, with_connection
from supervisor.cli.session import Session, print_stderr

_SECTIONS = ("clusters", "users", "contexts")


@click.command("kubeconfig", cls=Verb)
@click.option("--path", "only_path", is_flag=True, help="Print the path of the file.")
@click.option(
    "--merge", is_flag=True, help="Merge it into FILE and select its context."
)
@click.option(
    "--into",
    default="~/.kube/config",
    show_default=True,
    metavar="FILE",
    help="File to merge into.",
)
@with_connection
@click.pass_obj
def command(session: Session, /, only_path: bool, merge: bool, into: str) -> None:
    """Print the kubeconfig in use.

    \b
    export KUBECONFIG=$(supervisor kubeconfig --path)
    supervisor kubeconfig --merge
    """
    path = session.kubeconfig_path()
    if path is None:
        raise Failure("no kubeconfig found", "`supervisor daemon` writes one at start")
    if only_path:
        click.echo(str(path))
    elif merge:
        target = Path(into).expanduser()
        _merge(path, target)
        print_stderr(f"merged {path} into {target}")
    else:
        try:
            click.echo(path.read_text(), nl=False)
        except OSError as error:
            raise Failure(f"{path}: {error.strerror}") from error


def _merge(source: Path, target: Path) -> None:
    """Replace entries that have the same names and keep all others."""
    ours = _read(source)
    if target.exists() and source.samefile(target):
        raise Failure(f"{target} is already the kubeconfig in use")
    merged = (
        _read(target) if target.exists() else {"apiVersion": "v1", "kind": "Config"}
    )
    for section in _SECTIONS:
        added = _entries(ours, section)
        names = {entry.get("name") for entry in added}
        kept = [e for e in _entries(merged, section) if e.get("name") not in names]
        merged |= {section: [*kept, *added]}
    merged["current-context"] = ours.get("current-context") or ""
    _write(target, merged)


def _entries(config: dict[str, Any], section: str) -> list[dict[str, Any]]:
    return [e for e in config.get(section) or [] if isinstance(e, dict)]


def _read(path: Path) -> dict[str, Any]:
    from supervisor.model import yaml_reader

    try:
        found = yaml_reader.one(path.read_text()) or {}
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from error
    except yaml_reader.YamlError as error:
        raise Failure(f"{path} is not valid YAML: {error}") from error
    if not isinstance(found, dict):
        raise Failure(f"{path} is not a kubeconfig")
    return found


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write atomically, with mode 0600: the file contains credentials."""
    from supervisor.cli.output import to_yaml

    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(to_yaml(content))
    os.replace(file.name, path)
