"""Where the process begins: the command line, and the daemon as one of its verbs.

The verbs that work on the daemon's folder stand here, because the command line may not
know the wiring.
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
    help="Configuration file (YAML); options given here win over it.",
)
@click.option(
    "--state-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the store, the certificates and the kubeconfig.",
)
@click.option("--listen", metavar="HOST:PORT", help="Where the API answers.")
@click.option(
    "--manifests",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of manifests to apply at start, and again when they change.",
)
@click.option("--log-format", type=click.Choice(["text", "json"]))
@click.option("--log-level", type=click.Choice(_LEVELS, case_sensitive=False))
def daemon(**options: Any) -> int | None:
    """Run the supervisor until it is told to stop (SIGTERM or Ctrl-C).

    Containers keep running when it stops, and are taken up again when it comes back.
    """
    # By name: nothing else of the command line should cost the daemon's imports.
    wiring = importlib.import_module("supervisor.app.daemon")
    result: int | None = wiring.run(**options)
    return result


@root.command(cls=Verb, short_help="Put a backup in the place of the daemon's store")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Configuration file of the daemon.",
)
@click.option(
    "--state-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="The daemon's folder, if it is not the usual one.",
)
def restore(**options: Any) -> int | None:
    """Restore all objects from FILE, which `supervisor backup` has made.

    The daemon must be stopped. The store that is there is kept beside it.
    """
    wiring = importlib.import_module("supervisor.app.restore")
    result: int | None = wiring.run(**options)
    return result


def main() -> None:
    """The entry point `supervisor`."""
    sys.exit(run())


if __name__ == "__main__":
    main()
