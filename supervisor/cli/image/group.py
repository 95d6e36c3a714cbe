"""`supervisor image`: commands for the images on nodes."""

import click

from supervisor.cli.image.list import command as list_command
from supervisor.cli.image.push import command as push_command


@click.group(
    "image",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def command() -> None:
    """List the images on nodes, and copy them between nodes.

    \b
    supervisor image list --node node-1
    supervisor image push luksa/kubia
    """


command.add_command(list_command)
command.add_command(push_command)
