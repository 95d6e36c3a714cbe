"""Tell a story that really happens: commands with their output, and how long it took.

Used by the demos. Commands are those that a user would type; what comes true is waited
for and noted, for the table at the end. RECORD=FILE.svg keeps a picture of it all.
"""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from supervisor.model.errors import ApiError

ROOT = Path(__file__).resolve().parent.parent
SUPERVISOR = Path(sys.executable).with_name("supervisor")
STEP_SECONDS = 90


class Failed(Exception):
    """A step did not come true in time, or could not be taken."""


class Telling:
    def __init__(self, kubeconfig: Path) -> None:
        self._picture = os.environ.get("RECORD", "")
        self.console = Console(
            highlight=False,
            soft_wrap=True,
            record=bool(self._picture),
            width=120 if self._picture else None,
        )
        self.kubeconfig = kubeconfig
        self._began = time.monotonic()
        self._rows: list[tuple[str, str, float]] = []

    # -- what is told
    def chapter(self, title: str) -> None:
        self.console.print()
        self.console.rule(f"[bold]{title}", align="left", style="dim")

    def say(self, text: str, style: str = "") -> None:
        at = time.monotonic() - self._began
        self.console.print(Text(f"{at:6.1f} s  ", "dim") + Text(text, style))

    def typed(self, command: str) -> None:
        """A command, as a user would have typed it."""
        self.console.print(Text(f"\n$ {command}", "bold cyan"))

    def fail(self, error: BaseException) -> None:
        text = f"\nfailed: {error or 'interrupted'}"
        self.console.print(Text(text, "bold red"))

    def summary(self, picture_title: str) -> None:
        """What happened as a table; and the picture, if one is wanted."""
        table = Table(title="What happened", title_justify="left")
        table.add_column("step")
        table.add_column("outcome")
        table.add_column("took", justify="right")
        for what, outcome, seconds in self._rows:
            table.add_row(what, outcome, f"{seconds:.1f} s")
        self.console.print()
        self.console.print(table)
        if self._picture:
            self.console.save_svg(self._picture, title=picture_title)

    # -- what is done
    def show(self, command: str, *parts: tuple[str, str]) -> None:
        """Run one of our own commands, with its output, as a user would.

        Of a long output, `parts` names the (first, last) words of the lines to show.
        """
        self.typed(f"supervisor {command}")
        done = self.command(command)
        self.console.print(Text(excerpt(done.stdout, parts).rstrip("\n")))
        if done.returncode:
            raise Failed(f"supervisor {command}: {done.stderr.strip()}")

    def command(self, command: str) -> "subprocess.CompletedProcess[str]":
        env = os.environ | {"KUBECONFIG": str(self.kubeconfig)}
        argv = [str(SUPERVISOR), *shlex.split(command)]
        return subprocess.run(argv, env=env, cwd=ROOT, capture_output=True, text=True)

    def until(
        self, what: str, check: Callable[[], str], *, since: float | None = None
    ) -> None:
        """Wait until `check` says something, and note how long that took.

        The time runs from `since` (of time.monotonic), or from now.
        """
        begun = time.monotonic()
        while not (found := _try(check)):
            if time.monotonic() - begun > STEP_SECONDS:
                raise Failed(f"not in {STEP_SECONDS} s: {what}")
            time.sleep(0.05)
        took = time.monotonic() - (begun if since is None else since)
        self.say(f"✔ {what}: {found}", "green")
        self._rows.append((what, found, took))


def _try(check: Callable[[], str]) -> str:
    try:
        return check()
    except ApiError as error:
        if error.code != 404:
            raise
        return ""


def excerpt(text: str, parts: Sequence[tuple[str, str]]) -> str:
    """The lines from each part's first word to its last, with dots between."""
    if not parts:
        return text
    shown: list[str] = []
    lines = text.splitlines()
    for first, last in parts:
        begin = next((i for i, x in enumerate(lines) if x.strip().startswith(first)), 0)
        rest = range(begin, len(lines))
        end = next((i for i in rest if last and lines[i].strip().startswith(last)), -1)
        shown += ["…", *lines[begin : end + 1 if end >= 0 else None]]
    return "\n".join(shown)


def end_with_cleaning_up() -> None:
    """A demo that is told to end takes the same way out as one that is interrupted."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def clean_up_undisturbed() -> None:
    """From here on an impatient second Ctrl-C leaves nothing half removed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
