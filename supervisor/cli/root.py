"""The `supervisor` command: loading of subcommands, error handling, exit codes.

Rules
- Subcommands are imported on use. `--help` imports none: VERBS has their summaries.
- All errors are handled here. The exit code is 1 for errors, 130 for Ctrl-C, and 141
  for a closed pipe; the last two print nothing.
"""

import importlib
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches

import click

from supervisor.cli.options import with_connection
from supervisor.cli.session import Session, print_stderr

#: Name of the command -> (module in supervisor.cli that defines `command`, summary).
VERBS: dict[str, tuple[str, str]] = {
    "adopt": ("adopt", "Adopt or remove running pods that the store has lost"),
    "annotate": ("annotate", "Update the annotations on objects"),
    "apply": ("apply", "Apply a configuration to objects by file name or stdin"),
    "backup": ("backup", "Save a copy of all objects to a file"),
    "completion": ("completion", "Print the shell's completion script"),
    "cordon": ("cordon", "Mark nodes unschedulable"),
    "create": ("create", "Create objects from a file, from stdin or from literals"),
    "delete": ("delete", "Delete objects by file, name or label selector"),
    "describe": ("describe", "Show details of objects and their events"),
    "doctor": ("doctor", "Check this machine, the daemon and its engines"),
    "drain": ("drain", "Evict all pods from nodes"),
    "edit": ("edit", "Edit objects in an editor"),
    "events": ("events", "List events"),
    "exec": ("exec", "Run a command in a container"),
    "get": ("get", "Display objects"),
    "image": ("image.group", "List images on nodes, and copy them between nodes"),
    "kubeconfig": ("kubeconfig", "Print the kubeconfig in use, or merge it"),
    "label": ("label", "Update the labels on objects"),
    "logs": ("logs", "Print the logs of a container"),
    "node": ("node.group", "Add, list, change and remove nodes (Docker engines)"),
    "scale": ("scale", "Set a new number of replicas"),
    "top": ("top.group", "Display CPU and memory in use by nodes or pods"),
    "taint": ("taint", "Update the taints of nodes"),
    "uncordon": ("uncordon", "Mark nodes schedulable"),
    "version": ("version", "Print the versions of the command and the server"),
}


class _UnknownVerb(click.UsageError):
    pass


class Root(click.Group):
    """Imports the module of a subcommand when it is used."""

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
    epilog="Use `supervisor COMMAND --help` for more about a command.",
)
@with_connection
def root() -> None:
    """Keep containers running on plain Docker hosts, the way Kubernetes does.

    Commands, options and output follow kubectl.
    """


def run(args: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; `args` defaults to sys.argv."""
    session = Session()
    try:
        return _run(session, args)
    except (KeyboardInterrupt, click.Abort):
        return 130
    except BrokenPipeError:
        # Flushing buffered output at exit must not raise again.
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
        print_stderr(f"error: {error.format_message()}")
        return 1
    except (ApiError, Failure) as error:
        session.fail(error)
        return session.exit_code


def _usage(error: click.UsageError) -> None:
    path = error.ctx.command_path if error.ctx else "supervisor"
    if isinstance(error, click.NoSuchOption):
        # kubectl capitalizes these two: they come from its cobra library.
        kind = "flag" if error.option_name.startswith("--") else "shorthand flag"
        print_stderr(f"Error: unknown {kind}: {error.option_name}")
        if error.possibilities:
            print_stderr(f"hint: did you mean {' or '.join(error.possibilities)}?")
    elif isinstance(error, _UnknownVerb):
        print_stderr(f"Error: {error.message}")
    else:
        print_stderr(f"error: {error.format_message()}")
    print_stderr(f"See '{path} --help' for usage.")
