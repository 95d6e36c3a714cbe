"""`supervisor node`: Docker engines as nodes; verbs are found when they are used."""

import importlib

import click

#: Verb, module of supervisor.cli.node that has it as `command`, what it does.
VERBS: dict[str, tuple[str, str]] = {
    "add": ("add", "Make a Docker engine a node"),
    "list": ("list", "List the engines, and how they do"),
    "remove": ("remove", "Remove nodes, with all that runs there"),
    "drain": ("drain", "Empty nodes of their pods, and show the progress"),
    "takeover": ("takeover", "Take engines over from another store"),
    "set": ("set", "Change how an engine is reached, or its labels"),
}


class Nodes(click.Group):
    """Loads a verb's module when the verb is used."""

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
    """Add, list, change and remove nodes, each of which is a Docker engine.

    \b
    supervisor node add host2 ssh://root@host2
    supervisor node add host3 tcp://10.0.0.3:2376 --tls-dir ~/.docker/host3
    supervisor node list
    supervisor node remove host2
    """
