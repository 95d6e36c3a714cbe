"""`supervisor node drain`: `supervisor drain` with a progress display.

On a terminal, shows a progress bar and the terminating pods; otherwise prints the same
lines as `supervisor drain`.
"""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from supervisor.cli.drain import drain, drain_options, with_drain_options
from supervisor.cli.drain_filters import pod_key
from supervisor.cli.evicting import DrainReporter, LineReporter
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
    """Evict all pods from nodes, and show the progress.

    \b
    supervisor node drain node-1
    supervisor node drain node-1 --force --timeout=5m
    """
    drain_opts = drain_options(**options)
    done = "deleted" if drain_opts.eviction.delete else "evicted"

    def new_reporter(pods: Sequence[Object]) -> DrainReporter:
        if drain_opts.eviction.dry_run != "none" or not sys.stdout.isatty():
            return LineReporter(done)
        return BarReporter(_progress(), len(pods), done)

    drain(session, names, labels, drain_opts, new_reporter)


class BarReporter:
    """A bar of evicted pods above the terminating pods. Satisfies DrainReporter."""

    def __init__(self, progress: "Progress", pods: int, done: str) -> None:
        self._progress = progress
        self._done = done
        self._bar = progress.add_task("pods gone", total=pods)
        self._terminating: dict[str, TaskID] = {}
        progress.start()

    def evicting(self, pod: Object, suffix: str) -> None:
        name = pod_key(pod)
        if name not in self._terminating:
            visible = len(self._terminating) < _MAX_PODS
            task = self._progress.add_task("", total=None, visible=visible)
            self._terminating[name] = task
        text = f"evicting {name}{suffix}"
        self._progress.update(self._terminating[name], description=text)

    def refused(self, pod: Object, error: ApiError) -> None:
        name = pod_key(pod)
        text = f"{name} cannot be evicted yet: {error.message}"
        self._progress.update(self._terminating[name], description=text, visible=True)

    def evicted(self, pod: Object) -> None:
        name = pod_key(pod)
        self._progress.remove_task(self._terminating.pop(name))
        self._progress.advance(self._bar)
        text = f"pod/{pod['metadata']['name']} {self._done}"
        self._progress.console.print(text, markup=False, highlight=False)
        for task in list(self._terminating.values())[:_MAX_PODS]:
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

    # Error messages may contain brackets, which are not markup.
    text = TextColumn("{task.description}", markup=False)
    columns = (text, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, transient=True)
