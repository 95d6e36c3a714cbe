"""The lab as a command: `python -m tests.lab up 3`, or scripts/lab up 3."""

import os
import shlex
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import click

from tests.lab.certificates import Flaw
from tests.lab.commands import LabError
from tests.lab.lab import Lab, sweep
from tests.lab.settings import Settings
from tests.lab.traffic import Way

FLAWS = click.Choice([flaw.value for flaw in Flaw])
NODE = click.IntRange(1, 31)


class Group(click.Group):
    """Says what went wrong in one line."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except LabError as error:
            raise click.ClickException(str(error)) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=Group)
@click.option("--folder", envvar="LAB_FOLDER", default=".work/lab", show_default=True)
@click.option("--network", envvar="LAB_NETWORK", default="10.88", show_default=True)
@click.pass_context
def main(ctx: click.Context, folder: str, network: str) -> None:
    """Several real Docker hosts ("nodes") on this machine.

    Nodes are numbers, from 1. --folder holds their disks, and --network is the first
    half of all addresses; two labs that differ in both live side by side.
    """
    ctx.obj = Lab(Path(folder), network)


def show(lab: Lab) -> None:
    for row in lab.status():
        click.echo(
            f"{row.name:7} {row.state:14} api {row.api:10} {row.url:23} "
            f"{row.pool:17} {row.memory_mib} MiB  {row.containers} containers"
        )


@main.command()
@click.argument("count", type=NODE)
@click.option("--plain", is_flag=True, help="No TLS, port 2375.")
@click.option("--live-restore", is_flag=True, help="Containers outlive their engine.")
@click.option("--memory-disk", type=int, default=0, help="MiB of disks in memory.")
@click.option("--internet", is_flag=True, help="Nodes may go out.")
@click.argument("dockerd", nargs=-1)
@click.pass_obj
def up(
    lab: Lab,
    count: int,
    plain: bool,
    live_restore: bool,
    memory_disk: int,
    internet: bool,
    dockerd: tuple[str, ...],
) -> None:
    """Make nodes 1 to COUNT, or start what is down. Options of dockerd follow a --."""
    wanted = Settings(not plain, live_restore, memory_disk, internet, dockerd)
    usual = asdict(Settings())
    lab.up(count, **{k: v for k, v in asdict(wanted).items() if v != usual[k]})
    show(lab)


@main.command()
@click.pass_obj
def status(lab: Lab) -> None:
    """One line per node."""
    show(lab)


@main.command()
@click.pass_obj
def down(lab: Lab) -> None:
    """Remove everything."""
    lab.down()


@main.command("sweep")
def sweep_() -> None:
    """Take down labs of processes that are no more."""
    sweep()


def _simple(name: str, text: str) -> None:
    @main.command(name, help=text)
    @click.argument("node", type=NODE)
    @click.pass_obj
    def command(lab: Lab, node: int) -> None:
        getattr(lab, name.replace("-", "_"))(node)


for _name, _text in (
    ("start", "Return after kill, wipe, crash or stop."),
    ("stop", "Orderly shutdown."),
    ("reboot", "Orderly shutdown, and return."),
    ("kill", "Power failure: nothing is said to anyone."),
    ("wipe", "Power failure, and the disk is lost too."),
    ("crash", "Kill dockerd alone; its containers live on."),
    ("restart-engine", "Restart dockerd in an orderly way."),
    ("thaw", "End freeze."),
    ("fill", "No room on the disk (one in memory)."),
    ("heal", "End every fault; what is down stays down."),
):
    _simple(_name, _text)


@main.command()
@click.argument("node", type=NODE)
@click.option("--engine", is_flag=True, help="Only dockerd.")
@click.pass_obj
def freeze(lab: Lab, node: int, engine: bool) -> None:
    """Connections open, nothing answers."""
    lab.freeze(node, engine_only=engine)


@main.command()
@click.argument("node", type=NODE)
@click.argument("others", type=click.IntRange(0, 31), nargs=-1)
@click.option("--way", type=click.Choice([w.value for w in Way]), default="both")
@click.pass_obj
def partition(lab: Lab, node: int, others: tuple[int, ...], way: str) -> None:
    """Cut NODE off from everyone, or only from OTHERS (0 is this machine).

    --way in: it hears nothing; --way out: it is not heard.
    """
    lab.partition(node, *others, way=Way(way))


@main.command()
@click.argument("node", type=NODE)
@click.argument("percent", type=float)
@click.pass_obj
def lose(lab: Lab, node: int, percent: float) -> None:
    """Drop packets at random, both ways."""
    lab.lose(node, percent)


@main.command()
@click.argument("node", type=NODE)
@click.argument("kilobits", type=float)
@click.pass_obj
def slow(lab: Lab, node: int, kilobits: float) -> None:
    """A line of so many kbit/s."""
    lab.slow(node, kilobits)


@main.command()
@click.argument("node", type=NODE)
@click.argument("processors", type=float)
@click.pass_obj
def throttle(lab: Lab, node: int, processors: float) -> None:
    """So much of a processor for everything in NODE, such as 0.1."""
    lab.throttle(node, processors)


@main.command()
@click.argument("node", type=NODE)
@click.argument("flaw", type=FLAWS)
@click.pass_obj
def recertify(lab: Lab, node: int, flaw: str) -> None:
    """Restart the engine with a certificate that is no good."""
    lab.recertify(node, Flaw(flaw))


@main.command()
@click.argument("images", nargs=-1, required=True)
@click.pass_obj
def load(lab: Lab, images: tuple[str, ...]) -> None:
    """Copy images onto every node: of the engine that DOCKER_HOST names, or else of
    this machine's."""
    lab.load(*images)


@main.command()
@click.argument("node", type=NODE)
@click.option("--flaw", type=FLAWS, default="none", help="Of the client certificate.")
@click.pass_obj
def env(lab: Lab, node: int, flaw: str) -> None:
    """Lines for a shell, with which docker speaks to NODE."""
    endpoint = lab.endpoint(node, Flaw(flaw))
    for name, value in endpoint.environment().items():
        click.echo(f"export {name}={shlex.quote(value)}")


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("node", type=NODE)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_obj
def run(lab: Lab, node: int, command: tuple[str, ...]) -> None:
    """Run a command in NODE."""
    argv = lab.node(node).inside(command)
    sys.stdout.flush()
    os.execvp(argv[0], argv)


@main.command()
@click.argument("node", type=NODE)
@click.option("--answer", type=int, help="Answer everything with this status.")
@click.option("--garbage", is_flag=True, help="Answer with what is no HTTP.")
@click.option("--hang", is_flag=True, help="Answer nothing.")
@click.option("--delay", type=float, default=0, help="Seconds before each request.")
@click.option("--api-version", help="The newest that the engine has, such as 1.24.")
@click.option("--clock", type=int, default=0, help="Seconds that the host is ahead.")
@click.option("--flaw", type=FLAWS, default="none", help="Of the certificate.")
@click.pass_obj
def relay(
    lab: Lab,
    node: int,
    answer: int | None,
    garbage: bool,
    hang: bool,
    delay: float,
    api_version: str | None,
    clock: int,
    flaw: str,
) -> None:
    """Stand before NODE's engine and misbehave, until interrupted."""
    made = lab.relay(node)
    if flaw != Flaw.NONE.value:
        made.present(Flaw(flaw))
    if delay:
        made.delay(delay)
    if api_version:
        made.report_version(api_version)
    if clock:
        made.shift_clock(clock)
    if answer is not None:
        made.answer(answer)
    if garbage:
        made.garbage()
    if hang:
        made.hang()
    click.echo(f"{made.endpoint().url} (end it with Ctrl-C)")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        made.close()


if __name__ == "__main__":
    main(prog_name="lab")
