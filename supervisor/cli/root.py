"""The command itself: its verbs, found when they are used, and how runs end.

Rules
- `--help` imports no verb: the table below has their one-line texts.
- Errors end in one place, with exit code 1; Ctrl-C ends quietly with 130, and a
  closed pipe quietly, too.
"""

import importlib
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches

import click

from supervisor.cli.options import with_connection
from supervisor.cli.session import Session, say

#: Verb, module of supervisor.cli that has it under the same name, what it does.
VERBS: dict[str, tuple[str, str]] = {
    "adopt": ("adopt", "Create pods again that run and that the store has lost"),
    "annotate": ("annotate", "Update the annotations on objects"),
    "apply": ("apply", "Apply a configuration to objects by file name or stdin"),
    "backup": ("backup", "Save a copy of all objects to a file"),
    "completion": ("completion", "Print the shell's completion script"),
    "cordon": ("cordon", "Keep new pods away from nodes"),
    "create": ("create", "Create objects from a file, from stdin or from literals"),
    "delete": ("delete", "Delete objects by file, name or label selector"),
    "describe": ("describe", "Show details of objects and their events"),
    "doctor": ("doctor", "Examine this machine and the daemon"),
    "drain": ("drain", "Empty nodes of their pods"),
    "edit": ("edit", "Edit objects in an editor"),
    "events": ("events", "List events"),
    "exec": ("exec", "Run a command in a container"),
    "get": ("get", "Display objects"),
    "image": ("image.group", "List images of nodes, and push them from node to node"),
    "kubeconfig": ("kubeconfig", "Print the kubeconfig in use, or merge it"),
    "label": ("label", "Update the labels on objects"),
    "logs": ("logs", "Print the logs of a container"),
    "node": ("node.group", "Add, list, change and remove nodes (Docker engines)"),
    "scale": ("scale", "Set a new number of replicas"),
    "taint": ("taint", "Update the taints of nodes"),
    "uncordon": ("uncordon", "Let new pods onto nodes again"),
    "version": ("version", "Print the versions of the command and the server"),
}


class _UnknownVerb(click.UsageError):
    pass


class Root(click.Group):
    """Loads a verb's module when the verb is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*VERBS, *self.commands})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return super().get_command(ctx, cmd_name)
        module = importlib.import_module(f"supervisor.cli.{VERBS[cmd_name][0]}")
        command: click.Command = getattr(module, "command")  # noqa: B009
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        texts = {name: text for name, (_, text) in VERBS.items()}
        texts |= {n: c.get_short_help_str() for n, c in self.commands.items()}
        with formatter.section("Commands"):
            formatter.write_dl(sorted(texts.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name in self.list_commands(ctx) or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        near = get_close_matches(name, self.list_commands(ctx), 1)
        hint = f"\n\nDid you mean this?\n\t{near[0]}\n" if near else ""
        raise _UnknownVerb(f'unknown command "{name}" for "supervisor"{hint}', ctx)


@click.group(
    cls=Root,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`supervisor VERB --help` tells more about a verb.",
)
@with_connection
def root() -> None:
    """Keep containers alive on plain Docker hosts, the way Kubernetes does.

    Words, options and output are kubectl's.
    """


def run(args: Sequence[str] | None = None) -> int:
    """Run the command, return its exit code."""
    session = Session()
    try:
        return _run(session, args)
    except (KeyboardInterrupt, click.Abort):
        return 130
    except BrokenPipeError:
        # What is still buffered must not fail once more when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _run(session: Session, args: Sequence[str] | None) -> int:
    from supervisor.cli.failure import Failure
    from supervisor.model.errors import ApiError

    try:
        result = root.main(
            args, prog_name="supervisor", obj=session, standalone_mode=False
        )
        sys.stdout.flush()
        return result if isinstance(result, int) and result else session.exit_code
    except click.UsageError as error:
        _usage(error)
        return 1
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        say(f"error: {error.format_message()}")
        return 1
    except (ApiError, Failure) as error:
        session.fail(error)
        return session.exit_code


def _usage(error: click.UsageError) -> None:
    path = error.ctx.command_path if error.ctx else "supervisor"
    if isinstance(error, click.NoSuchOption):
        # Capitals where kubectl has them: these two are its library's words.
        kind = "flag" if error.option_name.startswith("--") else "shorthand flag"
        say(f"Error: unknown {kind}: {error.option_name}")
        if error.possibilities:
            say(f"hint: did you mean {' or '.join(error.possibilities)}?")
    elif isinstance(error, _UnknownVerb):
        say(f"Error: {error.message}")
    else:
        say(f"error: {error.format_message()}")
    say(f"See '{path} --help' for usage.")
