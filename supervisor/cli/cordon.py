"""`supervisor cordon`: mark nodes unschedulable.

Follows kubectl/pkg/cmd/drain/drain.go (NewCmdCordon).
"""

import click

from supervisor.cli.completing import complete_nodes
from supervisor.cli.cordoning import chosen_nodes, cordon
from supervisor.cli.options import Verb, with_connection, with_dry_run, with_selector
from supervisor.cli.session import Session
from supervisor.model.errors import ApiError


@click.command("cordon", cls=Verb)
@click.argument("names", nargs=-1, metavar="NODE", shell_complete=complete_nodes)
@with_selector
@with_dry_run
@with_connection
@click.pass_obj
def command(
    session: Session, /, names: tuple[str, ...], labels: str, dry_run: str
) -> None:
    """Mark nodes unschedulable; pods that run there are not affected.

    \b
    supervisor cordon node-1
    supervisor cordon -l zone=cellar
    """
    for node in chosen_nodes(session, "cordon", names, labels):
        try:
            cordon(session, node, True, dry_run)
        except ApiError as error:
            session.fail(error, f'unable to cordon node "{node["metadata"]["name"]}"')
