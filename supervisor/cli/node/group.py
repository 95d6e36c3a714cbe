"""`supervisor node`: commands for nodes; subcommands are imported on use."""

import importlib

import click

#: Name -> (module in supervisor.cli.node that defines `command`, summary).
VERBS: dict[str, tuple[str, str]] = {
    "add": ("add", "Add a Docker engine as a node"),
    "list": ("list", "List the engines and their state"),
    "remove": ("remove", "Remove nodes and everything that runs there"),
    "drain": ("drain", "Evict all pods from nodes, and show the progress"),
    "takeover": ("takeover", "Take over engines from another store"),
    "set": ("set", "Change the connection or the labels of a node"),
}


class Nodes(click.Group):
    """Imports the module of a subcommand when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"supervisor.cli.node.{VERBS[cmd_name][0]}")
        command: click.Command = getattr(module, "command")  # noqa: B009
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(
                sorted((name, text) for name, (_, text) in VERBS.items())
            )


@click.group(
    "node",
    cls=Nodes,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def command() -> None:
    """Add, list, change and remove nodes. Each node is a Docker engine.

    \b
    supervisor node add host2 ssh://root@host2
    supervisor node add host3 tcp://10.0.0.3:2376 --tls-dir ~/.docker/host3
    supervisor node list
    supervisor node remove host2
    """
