"""`supervisor adopt`: decide about pods that run and that the store does not know."""

import click

from supervisor.cli.options import Verb, with_connection
from supervisor.cli.session import Session, say
from supervisor.model.meta import Object

PATH = "/apis/supervisor.io/v1/adoptions"


@click.command("adopt", cls=Verb)
@click.option(
    "--accept-loss",
    is_flag=True,
    help="Let the store win: remove the pods that it does not know.",
)
@click.option("--dry-run", is_flag=True, help="Only list the pods that are held.")
@with_connection
@click.pass_obj
def command(session: Session, /, accept_loss: bool, dry_run: bool) -> None:
    """Create pods again that still run, and that the store has lost.

    When the store was lost, replaced, or restored from an older backup, pods may run
    that it does not know. They are left as they are until this command decides: they
    become objects of the API again, and their containers go on running; or, with
    --accept-loss, they are removed.

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
        _tell(session, item, dry_run)
    if not answer["items"]:
        say("No pods are held")
    for node in answer["silent"]:
        say(f"error: node/{node['node']}: {node['message']}")
        session.exit_code = 1


def _tell(session: Session, item: Object, dry_run: bool) -> None:
    pod = f"pod/{item['name']} (namespace {item['namespace']}, node {item['node']})"
    if item["outcome"] != "held":
        click.echo(f"{pod} {item['outcome']}")
    elif dry_run:
        click.echo(f"{pod} held: {item['message']}")
    else:
        say(f"error: {pod} stays held: {item['message']}")
        session.exit_code = 1
