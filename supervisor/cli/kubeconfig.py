"""`supervisor kubeconfig`: the way for kubectl to the daemon."""

import os
import tempfile
from pathlib import Path
from typing import Any

import click

from supervisor.cli.failure import Failure
from supervisor.cli.options import Verb, with_connection
from supervisor.cli.session import Session, say

_SECTIONS = ("clusters", "users", "contexts")


@click.command("kubeconfig", cls=Verb)
@click.option("--path", "only_path", is_flag=True, help="Print where the file is.")
@click.option("--merge", is_flag=True, help="Add it to the file below, and choose it.")
@click.option(
    "--into",
    default="~/.kube/config",
    show_default=True,
    metavar="FILE",
    help="The file to merge into.",
)
@with_connection
@click.pass_obj
def command(session: Session, /, only_path: bool, merge: bool, into: str) -> None:
    """Print the kubeconfig that is in use.

    \b
    export KUBECONFIG=$(supervisor kubeconfig --path)
    supervisor kubeconfig --merge
    """
    path = session.kubeconfig_path()
    if path is None:
        raise Failure("no kubeconfig found", "`supervisor daemon` writes one")
    if only_path:
        click.echo(str(path))
    elif merge:
        target = Path(into).expanduser()
        _merge(path, target)
        say(f"merged {path} into {target}")
    else:
        try:
            click.echo(path.read_text(), nl=False)
        except OSError as error:
            raise Failure(f"{path}: {error.strerror}") from error


def _merge(source: Path, target: Path) -> None:
    """Replace entries of the same names, keep all others."""
    ours = _read(source)
    if target.exists() and source.samefile(target):
        raise Failure(f"{target} is the kubeconfig in use itself")
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
        raise Failure(f"{path} is no YAML: {error}") from error
    if not isinstance(found, dict):
        raise Failure(f"{path} is no kubeconfig")
    return found


def _write(path: Path, content: dict[str, Any]) -> None:
    """At once and readable by the owner alone, for it holds credentials."""
    from supervisor.cli.output import to_yaml

    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(to_yaml(content))
    os.replace(file.name, path)
