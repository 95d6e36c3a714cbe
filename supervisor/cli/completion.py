"""`supervisor completion`: print a shell completion script."""

import click
from click.shell_completion import get_completion_class

from supervisor.cli.failure import Failure
from supervisor.cli.options import Verb

_SHELLS = ("bash", "fish", "zsh")


@click.command("completion", cls=Verb)
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script for a shell.

    \b
    source <(supervisor completion bash)                      for this shell
    supervisor completion bash > /etc/bash_completion.d/supervisor
    supervisor completion fish > ~/.config/fish/completions/supervisor.fish
    """
    script = get_completion_class(shell)
    if script is None:
        raise Failure(f"no completion for {shell}")
    root = ctx.find_root().command
    click.echo(script(root, {}, "supervisor", "_SUPERVISOR_COMPLETE").source())
