"""`supervisor drain`: evict all pods from nodes, in preparation for maintenance.

Follows kubectl/pkg/cmd/drain/drain.go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from supervisor.cli.completing import complete_nodes
from supervisor.cli.cordoning import chosen_nodes, cordon
from supervisor.cli.drain_filters import Overrides, filter_pods
from supervisor.cli.durations import parse_duration
from supervisor.cli.evicting import (
    DrainReporter,
    EvictionOptions,
    Evictor,
    LineReporter,
    pods_on_node,
)
from supervisor.cli.failure import Failure
from supervisor.cli.objects import print_result
from supervisor.cli.options import Verb, with_connection, with_dry_run, with_selector
from supervisor.cli.session import Session, print_stderr
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class DrainOptions:
    """The options of one drain."""

    overrides: Overrides
    eviction: EvictionOptions
    pods: str


_OPTIONS = (
    with_connection,
    with_dry_run,
    click.option(
        "--skip-wait-for-delete-timeout",
        type=click.IntRange(min=0),
        default=0,
        metavar="SECONDS",
        help="Do not wait for pods that have been terminating for longer; 0 waits.",
    ),
    click.option(
        "--disable-eviction",
        is_flag=True,
        help="Delete pods instead of evicting them.",
    ),
    click.option(
        "--pod-selector",
        default="",
        metavar="SELECTOR",
        help="Label selector of pods to evict.",
    ),
    click.option(
        "--timeout",
        default="0s",
        metavar="DURATION",
        help="How long to wait before giving up; 0 means no limit.",
    ),
    click.option(
        "--grace-period",
        type=int,
        default=-1,
        metavar="SECONDS",
        help="Time for each pod to terminate gracefully; -1 uses its own.",
    ),
    click.option(
        "--delete-emptydir-data",
        is_flag=True,
        help="Evict pods that use emptyDir, whose data is deleted with them.",
    ),
    click.option(
        "--ignore-daemonsets", is_flag=True, help="Skip pods managed by a DaemonSet."
    ),
    click.option(
        "--force", is_flag=True, help="Evict pods that declare no controller."
    ),
    with_selector,
    click.argument("names", nargs=-1, metavar="NODE", shell_complete=complete_nodes),
)


def with_drain_options(function: F) -> F:
    """Adds the options of `kubectl drain`, and the node names as arguments."""
    for decorate in _OPTIONS:
        function = decorate(function)
    return function


def drain_options(
    force: bool,
    ignore_daemonsets: bool,
    delete_emptydir_data: bool,
    grace_period: int,
    timeout: str,
    pod_selector: str,
    disable_eviction: bool,
    skip_wait_for_delete_timeout: int,
    dry_run: str,
) -> DrainOptions:
    eviction = EvictionOptions(
        grace_seconds=grace_period if grace_period >= 0 else None,
        timeout=parse_duration(timeout, "--timeout"),
        dry_run=dry_run,
        delete=disable_eviction,
        skip_older=skip_wait_for_delete_timeout,
    )
    overrides = Overrides(force, ignore_daemonsets, delete_emptydir_data)
    return DrainOptions(overrides, eviction, pod_selector)


@click.command("drain", cls=Verb)
@with_drain_options
@click.pass_obj
def command(
    session: Session, /, names: tuple[str, ...], labels: str, **options: Any
) -> None:
    """Cordon nodes and evict their pods.

    \b
    supervisor drain node-1
    supervisor drain node-1 --force --grace-period=900
    supervisor drain node-1 --pod-selector=app=kubia
    """
    drain_opts = drain_options(**options)
    done = "deleted" if drain_opts.eviction.delete else "evicted"
    drain(session, names, labels, drain_opts, lambda pods: LineReporter(done))


def drain(
    session: Session,
    names: Sequence[str],
    labels: str,
    drain_opts: DrainOptions,
    new_reporter: Callable[[Sequence[Object]], DrainReporter],
) -> None:
    """Drain nodes one after the other; print those that could not be drained."""
    nodes = chosen_nodes(session, "drain", names, labels)
    for node in nodes:
        cordon(session, node, True, drain_opts.eviction.dry_run)
    pending: list[str] = []
    for node in nodes:
        name = node["metadata"]["name"]
        try:
            _drain(session, name, drain_opts, new_reporter)
        except (ApiError, Failure) as error:
            pending.append(name)
            print_stderr(
                f'error: unable to drain node "{name}" due to error: {error.message}, '
                "continuing command..."
            )
            session.exit_code = 1
        else:
            print_result(session, node, "drained", "", drain_opts.eviction.dry_run)
    if pending:
        print_stderr("There are pending nodes to be drained:")
        for name in pending:
            print_stderr(f" {name}")


def _drain(
    session: Session,
    name: str,
    drain_opts: DrainOptions,
    new_reporter: Callable[[Sequence[Object]], DrainReporter],
) -> None:
    """Drain one node. Raises ApiError and Failure."""
    result = filter_pods(
        pods_on_node(session, name, drain_opts.pods), drain_opts.overrides
    )
    if result.refusal:
        raise Failure(result.refusal)
    if result.warning:
        print_stderr(f"Warning: {result.warning}")
    reporter = new_reporter(result.pods)
    try:
        Evictor(session, drain_opts.eviction, reporter).run(name, result.pods)
    finally:
        reporter.close()
