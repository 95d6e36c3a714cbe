"""`supervisor label`: set and remove labels."""

import click

from supervisor.cli.editing_metadata import (
    LABELS,
    MetadataOptions,
    change,
    with_options,
)
from supervisor.cli.options import Verb
from supervisor.cli.session import Session


@click.command("label", cls=Verb)
@with_options
@click.pass_obj
def command(session: Session, /, args: tuple[str, ...], **options: object) -> None:
    """Update the labels on objects.

    \b
    supervisor label pod kubia app=kubia
    supervisor label pod kubia app=kubia --overwrite
    supervisor label pod kubia tier-                 remove it
    supervisor label pods --all app=kubia
    """
    change(session, LABELS, args, MetadataOptions(**options))  # type: ignore[arg-type]
