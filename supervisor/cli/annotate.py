"""`supervisor annotate`: set and remove annotations."""

import click

from supervisor.cli.editing_metadata import (
    ANNOTATIONS,
    MetadataOptions,
    change,
    with_options,
)
from supervisor.cli.options import Verb
from supervisor.cli.session import Session


@click.command("annotate", cls=Verb)
@with_options
@click.pass_obj
def command(session: Session, /, args: tuple[str, ...], **options: object) -> None:
    """Update the annotations on objects.

    \b
    supervisor annotate pod kubia note='hello world'
    supervisor annotate pod kubia note='hello world' --overwrite
    supervisor annotate pod kubia note-                 remove it
    supervisor annotate pods --all note='hello world'
    """
    change(session, ANNOTATIONS, args, MetadataOptions(**options))  # type: ignore[arg-type]
