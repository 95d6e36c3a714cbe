"""`supervisor node drain`: a drain that shows how far it has come.

On a terminal, a bar and the pods that are still on their way; otherwise the same lines
as `supervisor drain`.
"""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from supervisor.cli.drain import drain, drain_options, with_drain_options
from supervisor.cli.drain_judgement import shown
from supervisor.cli.evicting import Lines, Teller
from supervisor.cli.options import Verb
from supervisor.cli.session import Session
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_MAX_PODS = 8


@click.command("drain", cls=Verb)
@with_drain_options
@click.pass_obj
def command(
    session: Session, /, names: tuple[str, ...], labels: str, **options: Any
) -> None:
    """Empty nodes of their pods, and show the progress.

    \b
    supervisor node drain node-1
    supervisor node drain node-1 --force --timeout=5m
    """
    wanted = drain_options(**options)
    done = "deleted" if wanted.manner.delete else "evicted"

    def teller(pods: Sequence[Object]) -> Teller:
        if wanted.manner.dry_run != "none" or not sys.stdout.isatty():
            return Lines(done)
        return Bars(_progress(), len(pods), done)

    drain(session, names, labels, wanted, teller)


class Bars:
    """Pods that have gone as a bar, those going below it. Satisfies Teller."""

    def __init__(self, progress: "Progress", pods: int, done: str) -> None:
        self._progress = progress
        self._done = done
        self._bar = progress.add_task("pods gone", total=pods)
        self._going: dict[str, TaskID] = {}
        progress.start()

    def evicting(self, pod: Object, suffix: str) -> None:
        name = shown(pod)
        if name not in self._going:
            visible = len(self._going) < _MAX_PODS
            task = self._progress.add_task("", total=None, visible=visible)
            self._going[name] = task
        text = f"evicting {name}{suffix}"
        self._progress.update(self._going[name], description=text)

    def refused(self, pod: Object, error: ApiError) -> None:
        name = shown(pod)
        text = f"{name} may not go yet: {error.message}"
        self._progress.update(self._going[name], description=text, visible=True)

    def evicted(self, pod: Object) -> None:
        name = shown(pod)
        self._progress.remove_task(self._going.pop(name))
        self._progress.advance(self._bar)
        text = f"pod/{pod['metadata']['name']} {self._done}"
        self._progress.console.print(text, markup=False, highlight=False)
        for task in list(self._going.values())[:_MAX_PODS]:
            self._progress.update(task, visible=True)

    def close(self) -> None:
        self._progress.stop()


def _progress() -> "Progress":
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    # Pod names are text, whatever brackets may stand in them.
    text = TextColumn("{task.description}", markup=False)
    columns = (text, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, transient=True)
