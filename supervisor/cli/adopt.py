"""`supervisor adopt`: adopt or remove running pods that the store does not contain."""

import click

from supervisor.cli.options import Verb, with_connection
from supervisor.cli.session import Session, print_stderr
from supervisor.model.meta import Object

PATH = "/apis/supervisor.io/v1/adoptions"


@click.command("adopt", cls=Verb)
@click.option(
    "--accept-loss",
    is_flag=True,
    help="Remove the held pods instead of adopting them.",
)
@click.option("--dry-run", is_flag=True, help="Only list the held pods.")
@with_connection
@click.pass_obj
def command(session: Session, /, accept_loss: bool, dry_run: bool) -> None:
    """Recreate the objects of pods that still run but are missing from the store.

    After the store was lost, replaced, or restored from an older backup, pods may run
    that it does not contain. They are held until this command is run: it recreates
    their objects and leaves their containers running or, with --accept-loss, removes
    them.

    \b
    supervisor adopt --dry-run
    supervisor adopt
    supervisor adopt --accept-loss
    """
    connection = session.client.connection
    if dry_run:
        answer = connection.json("GET", PATH)
    else:
        answer = connection.json("POST", PATH, body={"acceptLoss": accept_loss})
    for item in answer["items"]:
        _print_item(session, item, dry_run)
    if not answer["items"]:
        print_stderr("No pods are held")
    for node in answer["silent"]:
        print_stderr(f"error: node/{node['node']}: {node['message']}")
        session.exit_code = 1


def _print_item(session: Session, item: Object, dry_run: bool) -> None:
    pod = f"pod/{item['name']} (namespace {item['namespace']}, node {item['node']})"
    if item["outcome"] != "held":
        click.echo(f"{pod} {item['outcome']}")
    elif dry_run:
        click.echo(f"{pod} held: {item['message']}")
    else:
        print_stderr(f"error: {pod} is still held: {item['message']}")
        session.exit_code = 1
