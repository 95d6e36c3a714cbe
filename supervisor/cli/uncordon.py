"""`supervisor uncordon`: mark nodes schedulable.

Follows kubectl/pkg/cmd/drain/drain.go (NewCmdUncordon).
"""

import click

from supervisor.cli.completing import complete_nodes
from supervisor.cli.cordoning import chosen_nodes, cordon
from supervisor.cli.options import Verb, with_connection, with_dry_run, with_selector
from supervisor.cli.session import Session
from supervisor.model.errors import ApiError


@click.command("uncordon", cls=Verb)
@click.argument("names", nargs=-1, metavar="NODE", shell_complete=complete_nodes)
@with_selector
@with_dry_run
@with_connection
@click.pass_obj
def command(
    session: Session, /, names: tuple[str, ...], labels: str, dry_run: str
) -> None:
    """Mark nodes schedulable.

    \b
    supervisor uncordon node-1
    supervisor uncordon -l zone=cellar
    """
    for node in chosen_nodes(session, "uncordon", names, labels):
        try:
            cordon(session, node, False, dry_run)
        except ApiError as error:
            session.fail(error, f'unable to uncordon node "{node["metadata"]["name"]}"')
