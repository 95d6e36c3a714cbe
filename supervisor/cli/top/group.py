"""`supervisor top`: commands for CPU and memory in use."""

import click

from supervisor.cli.top.node import command as node_command
from supervisor.cli.top.pod import command as pod_command
from supervisor.kinds.identity import NODE, POD

_ALIASES = {
    NODE.plural: NODE.singular,
    "no": NODE.singular,
    POD.plural: POD.singular,
    "po": POD.singular,
}


class _Aliased(click.Group):
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, _ALIASES.get(cmd_name, cmd_name))


@click.group(
    "top",
    cls=_Aliased,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def command() -> None:
    """Display CPU and memory in use by nodes or pods.

    \b
    supervisor top node
    supervisor top pod -A --sort-by=memory
    """


command.add_command(node_command)
command.add_command(pod_command)
