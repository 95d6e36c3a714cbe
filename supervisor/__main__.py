"""Entry point: the command line, with the commands `daemon` and `restore`.

These two are defined here because `supervisor.cli` must not import `supervisor.app`.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

import click

from supervisor.cli.options import Verb
from supervisor.cli.root import root, run

_LEVELS = ["debug", "info", "warning", "error"]


@root.command(cls=Verb, short_help="Run the API server, the controllers and the agent")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Configuration file (YAML); command-line options override it.",
)
@click.option(
    "--state-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the store, the certificates and the kubeconfig.",
)
@click.option("--listen", metavar="HOST:PORT", help="Address of the API.")
@click.option(
    "--manifests",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of manifests to apply at startup and when they change.",
)
@click.option("--log-format", type=click.Choice(["text", "json"]))
@click.option("--log-level", type=click.Choice(_LEVELS, case_sensitive=False))
def daemon(**options: Any) -> int | None:
    """Run the supervisor until SIGTERM or Ctrl-C.

    Containers keep running when it stops and are taken over when it starts again.
    """
    # Imported by name, so that other commands do not load the daemon's modules.
    wiring = importlib.import_module("supervisor.app.daemon")
    result: int | None = wiring.run(**options)
    return result


@root.command(cls=Verb, short_help="Replace the daemon's store by a backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Configuration file of the daemon.",
)
@click.option(
    "--state-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="State folder of the daemon, if not the default one.",
)
def restore(**options: Any) -> int | None:
    """Restore all objects from FILE, created by `supervisor backup`.

    The daemon must be stopped. The current store is kept in the state folder.
    """
    wiring = importlib.import_module("supervisor.app.restore")
    result: int | None = wiring.run(**options)
    return result


def main() -> None:
    """The entry point of the `supervisor` command."""
    sys.exit(run())


if __name__ == "__main__":
    main()
