"""`supervisor image push`: copy an image to the engines of other nodes, no registry.

On a terminal, a bar with bytes and rate for the node under way; otherwise a line for
each node. A node that fails is told of, the next one has its turn, the exit code is 1.
"""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import click
import msgspec

from supervisor.cli.completing import complete_nodes
from supervisor.cli.failure import Failure
from supervisor.cli.image.list import PATH
from supervisor.cli.options import Verb, with_connection
from supervisor.cli.session import Session, say
from supervisor.cli.sizes import size
from supervisor.model.meta import Object

if TYPE_CHECKING:
    from rich.progress import Progress


@click.command("push", cls=Verb)
@click.argument("image")
@click.option(
    "--node",
    "nodes",
    multiple=True,
    metavar="NODE",
    shell_complete=complete_nodes,
    help="Copy it to this node. Repeatable.",
)
@click.option("--all", "every", is_flag=True, help="To all other nodes (the default).")
@click.option(
    "--from",
    "source",
    default="",
    metavar="NODE",
    shell_complete=complete_nodes,
    help="Copy the image of this node; else the newest that there is.",
)
@with_connection
@click.pass_obj
def command(
    session: Session, /, image: str, nodes: tuple[str, ...], every: bool, source: str
) -> None:
    """Copy an image from the node that has it to others, without a registry.

    \b
    supervisor image push luksa/kubia
    supervisor image push luksa/kubia:v2 --node node-2 --node node-3
    supervisor image push luksa/kubia --from node-1
    """
    if nodes and every:
        raise Failure("--node and --all cannot be given together")
    body: Object = {"image": image, "to": list(nodes)}
    if source:
        body["from"] = source
    stream = session.client.connection.stream(PATH, body=body)
    display = _display()
    try:
        _follow(session, stream.lines(), image, display)
    finally:
        display.end()
        stream.close()


def _follow(
    session: Session, lines: Iterator[bytes], image: str, display: "Display"
) -> None:
    for line in lines:
        said = msgspec.json.decode(line, type=dict)
        node = said.get("node", "")
        match said["type"]:
            case "Begin":
                display.begin(said)
                if not said["to"]:
                    say("No other nodes found")
            case "Progress" | "Loading":
                display.progress(node, said["bytes"], said["type"] == "Loading")
            case "Pushed":
                display.end()
                rate = said["bytes"] / max(said["seconds"], 0.001)
                click.echo(
                    f"image/{image} pushed to node/{node} ({size(said['bytes'])} in "
                    f"{said['seconds']:.1f}s, {size(rate)}/s)"
                )
            case "Present":
                click.echo(f"image/{image} unchanged on node/{node}")
            case "Failed":
                display.end()
                say(f"error: node/{node}: {said['message']}")
                session.exit_code = 1
            case "End":
                return
    raise Failure("the connection to the server broke before the push was complete")


class Display(Protocol):
    def begin(self, said: Object) -> None: ...

    def progress(self, node: str, sent: int, loading: bool) -> None: ...

    def end(self) -> None: ...


class _Quiet:
    """Outside a terminal: only outcomes are told. Satisfies Display."""

    def begin(self, said: Object) -> None:
        return

    def progress(self, node: str, sent: int, loading: bool) -> None:
        return

    def end(self) -> None:
        return


class _Bar:
    """The node under way. Satisfies Display."""

    def __init__(self) -> None:
        self._total = 0
        self._progress: Progress | None = None

    def begin(self, said: Object) -> None:
        self._total = int(said["sizeBytes"])

    def progress(self, node: str, sent: int, loading: bool) -> None:
        if self._progress is None:
            self._progress = _progress()
            self._task = self._progress.add_task("", total=self._total)
            self._progress.start()
        # The archive has a few bytes more than the image.
        total = sent if loading else max(self._total, sent)
        text = f"node/{node}" + (" unpacks" if loading else "")
        self._progress.update(self._task, completed=sent, total=total, description=text)

    def end(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


def _display() -> Display:
    return _Bar() if sys.stdout.isatty() else _Quiet()


def _progress() -> "Progress":
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TransferSpeedColumn,
    )

    text = TextColumn("{task.description}", markup=False)
    columns = (text, BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, transient=True)
