"""`supervisor node list`: the engines, and how they do."""

import click

from supervisor.cli import get
from supervisor.cli.options import Verb, with_connection, with_selector
from supervisor.kinds.identity import ENGINE


@click.command("list", cls=Verb)
@with_selector
@click.option("-o", "--output", default="", metavar="FORMAT", help="wide, yaml, json…")
@click.option("-w", "--watch", is_flag=True, help="Go on, and print each change.")
@with_connection
@click.pass_context
def command(ctx: click.Context, labels: str, output: str, watch: bool) -> None:
    """List the engines, and how they do: what `get engines` prints.

    \b
    supervisor node list
    supervisor node list -o wide -w
    """
    words = (ENGINE.resource,)
    ctx.invoke(get.command, words=words, labels=labels, output=output, watch=watch)
