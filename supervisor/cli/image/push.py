"""`supervisor image push`: copy an image between engines without a registry.

On a terminal, shows a progress bar for the current node; otherwise prints a line for
each node. If a node fails, its error is printed, the command continues with the next
node, and the exit code is 1.
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
from supervisor.cli.session import Session, print_stderr
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
    help="Copy to this node. Can be repeated.",
)
@click.option(
    "--all", "all_nodes", is_flag=True, help="Copy to all other nodes (default)."
)
@click.option(
    "--from",
    "source",
    default="",
    metavar="NODE",
    shell_complete=complete_nodes,
    help="Copy from this node (default: the node with the newest image).",
)
@with_connection
@click.pass_obj
def command(
    session: Session,
    /,
    image: str,
    nodes: tuple[str, ...],
    all_nodes: bool,
    source: str,
) -> None:
    """Copy an image from one node to others, without a registry.

    \b
    supervisor image push luksa/kubia
    supervisor image push luksa/kubia:v2 --node node-2 --node node-3
    supervisor image push luksa/kubia --from node-1
    """
    if nodes and all_nodes:
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
        status = msgspec.json.decode(line, type=dict)
        node = status.get("node", "")
        match status["type"]:
            case "Begin":
                display.begin(status)
                if not status["to"]:
                    print_stderr("No other nodes found")
            case "Progress" | "Loading":
                display.progress(node, status["bytes"], status["type"] == "Loading")
            case "Pushed":
                display.end()
                rate = status["bytes"] / max(status["seconds"], 0.001)
                click.echo(
                    f"image/{image} pushed to node/{node} ({size(status['bytes'])} in "
                    f"{status['seconds']:.1f}s, {size(rate)}/s)"
                )
            case "Present":
                click.echo(f"image/{image} unchanged on node/{node}")
            case "Failed":
                display.end()
                print_stderr(f"error: node/{node}: {status['message']}")
                session.exit_code = 1
            case "End":
                return
    raise Failure("the connection to the server was lost before the push was complete")


class Display(Protocol):
    """Shows the progress of a push."""

    def begin(self, status: Object) -> None: ...

    def progress(self, node: str, sent: int, loading: bool) -> None: ...

    def end(self) -> None: ...


class _Quiet:
    """Shows no progress. Satisfies Display."""

    def begin(self, status: Object) -> None:
        return

    def progress(self, node: str, sent: int, loading: bool) -> None:
        return

    def end(self) -> None:
        return


class _Bar:
    """A progress bar for the current node. Satisfies Display."""

    def __init__(self) -> None:
        self._total = 0
        self._progress: Progress | None = None

    def begin(self, status: Object) -> None:
        self._total = int(status["sizeBytes"])

    def progress(self, node: str, sent: int, loading: bool) -> None:
        if self._progress is None:
            self._progress = _progress()
            self._task = self._progress.add_task("", total=self._total)
            self._progress.start()
        # The archive is slightly larger than the image.
        total = sent if loading else max(self._total, sent)
        text = f"node/{node}" + (" unpacking" if loading else "")
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
