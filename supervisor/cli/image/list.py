"""`supervisor image list`: list the images on each node."""

import click

from supervisor.cli import tables
from supervisor.cli.completing import complete_nodes
from supervisor.cli.now import now
from supervisor.cli.options import Verb, with_connection
from supervisor.cli.output import printer
from supervisor.cli.session import Session, print_stderr
from supervisor.cli.sizes import size
from supervisor.model.durations import human_duration
from supervisor.model.meta import Object
from supervisor.model.times import to_seconds

PATH = "/apis/supervisor.io/v1/images"
_ID_LETTERS = 12


@click.command("list", cls=Verb)
@click.option(
    "--node",
    "nodes",
    multiple=True,
    metavar="NODE",
    shell_complete=complete_nodes,
    help="Only images on this node. Can be repeated.",
)
@click.option("-o", "--output", default="", help="json, yaml, jsonpath=...")
@with_connection
@click.pass_obj
def command(session: Session, /, nodes: tuple[str, ...], output: str) -> None:
    """List the images on the engines of all nodes."""
    query = [("node", name) for name in nodes]
    found = session.client.connection.json("GET", PATH, query=query)
    if output:
        click.echo(
            printer(output, lambda image: f"image/{image['id']}")(found), nl=False
        )
    else:
        click.echo(tables.render(_rows(found)), nl=False)
    for node in found["silent"]:
        print_stderr(f"error: node/{node['node']}: {node['message']}")
        session.exit_code = 1


def _rows(found: Object) -> list[list[str]]:
    rows = [["NODE", "IMAGE", "IMAGE ID", "AGE", "SIZE"]]
    at = now()
    for image in sorted(found["items"], key=lambda i: (i["node"], i["names"])):
        shown = image["id"].removeprefix("sha256:")[:_ID_LETTERS]
        age = human_duration(at - to_seconds(image["created"]))
        names = [n for n in image["names"] if "@" not in n] or ["<none>"]
        rows += [
            [image["node"], n, shown, age, size(image["sizeBytes"])] for n in names
        ]
    return rows
