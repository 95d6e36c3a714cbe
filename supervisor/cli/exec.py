"""`supervisor exec`: run a command in a container and exit with its exit code.

Follows kubectl/pkg/cmd/exec/exec.go.
"""

import os
import sys
import threading

import click

from supervisor.cli import pods
from supervisor.cli.completing import complete_pods
from supervisor.cli.failure import Failure
from supervisor.cli.options import Verb, with_connection
from supervisor.cli.session import Session, print_stderr
from supervisor.cli.terminal import RawTerminal
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.model.streams import ExecSession

_NO_TTY = "Unable to use a TTY - input is not a terminal or the right kind of file"


class _Exec(Verb):
    """Takes the arguments after `--` as the command to run."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        command_args: list[str] | None = None
        if "--" in args:
            index = args.index("--")
            args, command_args = args[:index], args[index + 1 :]
        ctx.meta["supervisor.exec"] = command_args
        return super().parse_args(ctx, args)


_NO_DASHES = (
    "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead"
)


@click.command("exec", cls=_Exec, options_metavar="[OPTIONS]")
@click.argument("word", metavar="(POD | TYPE/NAME)", shell_complete=complete_pods)
@click.argument("more", nargs=-1, metavar="-- COMMAND [ARG...]")
@click.option("-i", "--stdin", is_flag=True, help="Pass stdin to the container.")
@click.option("-t", "--tty", is_flag=True, help="Allocate a terminal.")
@click.option("-c", "--container", default="", help="Container name.")
@click.option("-q", "--quiet", is_flag=True, help="Print only output of the command.")
@with_connection
@click.pass_context
def command(
    ctx: click.Context,
    word: str,
    more: tuple[str, ...],
    stdin: bool,
    tty: bool,
    container: str,
    quiet: bool,
) -> int:
    """Run a command in a container.

    \b
    supervisor exec kubia -- ls /
    supervisor exec -it kubia -- sh
    """
    session: Session = ctx.obj
    args: list[str] | None = ctx.meta["supervisor.exec"]
    if more:
        raise Failure(_NO_DASHES)
    if not args:
        raise Failure("you must specify at least one command for the container")
    pod = _running_pod(session, word)
    if tty and not sys.stdin.isatty():
        print_stderr(_NO_TTY)
        tty = False
    running = session.client.exec(
        pod["metadata"]["name"],
        pod["metadata"]["namespace"],
        container or pods.container_of(pod),
        args,
        stdin=stdin,
        tty=tty,
    )
    code = _relay(running, stdin, tty)
    if code and not quiet:
        print_stderr(f"command terminated with exit code {code}")
    return code


def _running_pod(session: Session, word: str) -> Object:
    pod = pods.find(session, word)
    phase = (pod.get("status") or {}).get("phase")
    if phase in ("Succeeded", "Failed"):
        raise Failure(
            f"cannot exec into a container in a completed pod; current phase is {phase}"
        )
    return pod


def _relay(running: ExecSession, stdin: bool, tty: bool) -> int:
    """Relay streams until the command ends; return its exit code."""
    with RawTerminal(running, enabled=tty and stdin):
        if stdin:
            threading.Thread(target=_feed, args=(running,), daemon=True).start()
        _print(running)
    code = running.exit_code()
    running.close()
    return code


def _print(running: ExecSession) -> None:
    while (piece := running.read()) is not None:
        stream, data = piece
        out = sys.stdout if stream == 1 else sys.stderr
        out.buffer.write(data)
        out.flush()


def _feed(running: ExecSession) -> None:
    """Copy stdin to the command until either ends."""
    try:
        while data := os.read(sys.stdin.fileno(), 32 * 1024):
            running.write(data)
        running.close_stdin()
    except (OSError, ApiError):
        return  # the command has ended and reads no more input
