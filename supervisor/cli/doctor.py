"""`supervisor doctor`: run all checks and print their findings with hints."""

import os
from collections.abc import Iterator
from pathlib import Path

import click

from supervisor.cli.checks import daemon, engine, engines, machine
from supervisor.cli.checks.finding import CheckContext, Finding, Level
from supervisor.cli.options import Verb, with_connection
from supervisor.cli.session import Session, state_directories

_COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


@click.command("doctor", cls=Verb)
@click.option(
    "--state-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="State folder of the daemon, if not the default one.",
)
@click.option("--engine", "address", default="", help="Address of the Docker engine.")
@click.option(
    "--listen", default="127.0.0.1:6443", show_default=True, metavar="HOST:PORT"
)
@with_connection
@click.pass_obj
def command(
    session: Session, /, state_dir: Path | None, address: str, listen: str
) -> int:
    """Check this machine, the daemon and its engines; exit 1 if a check fails."""
    address = address or os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    if state_dir is None:
        state_dir = state_directories()[0 if os.geteuid() == 0 else 1]
    elif not session.kubeconfig:
        session.kubeconfig = str(state_dir / "kubeconfig")
    context = CheckContext(session, state_dir, address, listen)
    worst = 0
    for finding in _findings(context):
        _show(finding)
        worst = max(worst, finding.level is Level.FAIL)
    return int(worst)


def _findings(context: CheckContext) -> Iterator[Finding]:
    for check in (engine, daemon, engines, machine):
        yield from check.run(context)


def _show(finding: Finding) -> None:
    level = f"{finding.level.value:<4}"
    if "NO_COLOR" not in os.environ:
        level = click.style(level, fg=_COLOURS[finding.level])
    click.echo(f"{level}  {finding.subject:<10}  {finding.text}")
    if finding.hint:
        click.echo(f"{'':18}hint: {finding.hint}")
