"""`supervisor node list`: list engines and their state."""

import click

from supervisor.cli import get
from supervisor.cli.options import Verb, with_connection, with_selector
from supervisor.kinds.identity import ENGINE


@click.command("list", cls=Verb)
@with_selector
@click.option("-o", "--output", default="", metavar="FORMAT", help="wide, yaml, json…")
@click.option("-w", "--watch", is_flag=True, help="After listing, watch for changes.")
@with_connection
@click.pass_context
def command(ctx: click.Context, labels: str, output: str, watch: bool) -> None:
    """List the engines and their state, like `supervisor get engines`.

    \b
    supervisor node list
    supervisor node list -o wide -w
    """
    args = (ENGINE.resource,)
    ctx.invoke(get.command, args=args, labels=labels, output=output, watch=watch)
