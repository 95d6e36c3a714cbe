"""`supervisor drain`: empty nodes of their pods, for work on the machine.

Follows kubectl/pkg/cmd/drain/drain.go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from supervisor.cli.completing import complete_nodes
from supervisor.cli.cordoning import chosen_nodes, cordon
from supervisor.cli.drain_judgement import Allowed, judge
from supervisor.cli.durations import parse_duration
from supervisor.cli.evicting import Evictor, Lines, Manner, Teller, pods_of
from supervisor.cli.failure import Failure
from supervisor.cli.objects import tell
from supervisor.cli.options import Verb, with_connection, with_dry_run, with_selector
from supervisor.cli.session import Session, say
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class DrainOptions:
    """The options of one drain."""

    allowed: Allowed
    manner: Manner
    pods: str


_OPTIONS = (
    with_connection,
    with_dry_run,
    click.option(
        "--skip-wait-for-delete-timeout",
        type=click.IntRange(min=0),
        default=0,
        metavar="SECONDS",
        help="Do not wait for pods that are terminating for longer; 0 waits.",
    ),
    click.option(
        "--disable-eviction",
        is_flag=True,
        help="Delete pods instead of evicting them.",
    ),
    click.option(
        "--pod-selector", default="", metavar="SELECTOR", help="Only these pods."
    ),
    click.option(
        "--timeout",
        default="0s",
        metavar="DURATION",
        help="Give up after this time; 0 is never.",
    ),
    click.option(
        "--grace-period",
        type=int,
        default=-1,
        metavar="SECONDS",
        help="Time for each pod to end in; -1 is its own.",
    ),
    click.option(
        "--delete-emptydir-data",
        is_flag=True,
        help="Go on with pods whose emptyDir data is lost with them.",
    ),
    click.option(
        "--ignore-daemonsets", is_flag=True, help="Leave pods of DaemonSets there."
    ),
    click.option(
        "--force", is_flag=True, help="Go on with pods that nothing makes anew."
    ),
    with_selector,
    click.argument("names", nargs=-1, metavar="NODE", shell_complete=complete_nodes),
)


def with_drain_options(function: F) -> F:
    """Adds kubectl's options of `drain`, and the names of nodes."""
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
    manner = Manner(
        grace_seconds=grace_period if grace_period >= 0 else None,
        timeout=parse_duration(timeout, "--timeout"),
        dry_run=dry_run,
        delete=disable_eviction,
        skip_older=skip_wait_for_delete_timeout,
    )
    allowed = Allowed(force, ignore_daemonsets, delete_emptydir_data)
    return DrainOptions(allowed, manner, pod_selector)


@click.command("drain", cls=Verb)
@with_drain_options
@click.pass_obj
def command(
    session: Session, /, names: tuple[str, ...], labels: str, **options: Any
) -> None:
    """Empty nodes of their pods: cordon them, then evict what runs there.

    \b
    supervisor drain node-1
    supervisor drain node-1 --force --grace-period=900
    supervisor drain node-1 --pod-selector=app=kubia
    """
    wanted = drain_options(**options)
    done = "deleted" if wanted.manner.delete else "evicted"
    drain(session, names, labels, wanted, lambda pods: Lines(done))


def drain(
    session: Session,
    names: Sequence[str],
    labels: str,
    wanted: DrainOptions,
    teller: Callable[[Sequence[Object]], Teller],
) -> None:
    """Drain node after node; those that cannot be are told of at the end."""
    nodes = chosen_nodes(session, "drain", names, labels)
    for node in nodes:
        cordon(session, node, True, wanted.manner.dry_run)
    pending: list[str] = []
    for node in nodes:
        name = node["metadata"]["name"]
        try:
            _drain(session, name, wanted, teller)
        except (ApiError, Failure) as error:
            pending.append(name)
            said = error.message
            say(
                f'error: unable to drain node "{name}" due to error: {said}, '
                "continuing command..."
            )
            session.exit_code = 1
        else:
            tell(session, node, "drained", "", wanted.manner.dry_run)
    if pending:
        say("There are pending nodes to be drained:")
        for name in pending:
            say(f" {name}")


def _drain(
    session: Session,
    name: str,
    wanted: DrainOptions,
    teller: Callable[[Sequence[Object]], Teller],
) -> None:
    """Raises ApiError and Failure."""
    judgement = judge(pods_of(session, name, wanted.pods), wanted.allowed)
    if judgement.refusal:
        raise Failure(judgement.refusal)
    if judgement.warning:
        say(f"Warning: {judgement.warning}")
    shown = teller(judgement.pods)
    try:
        Evictor(session, wanted.manner, shown).run(name, judgement.pods)
    finally:
        shown.close()
