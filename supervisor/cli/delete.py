"""`supervisor delete`: delete objects by file, name or selector.

Follows kubectl/pkg/cmd/delete/delete.go.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import click

from supervisor.cli.completing import complete_targets
from supervisor.cli.durations import parse_duration
from supervisor.cli.failure import Failure
from supervisor.cli.objects import ObjectRef, select_objects
from supervisor.cli.options import (
    OptionalValue,
    Verb,
    with_connection,
    with_dry_run,
    with_field_selector,
    with_files,
    with_selector,
)
from supervisor.cli.session import Session, print_stderr
from supervisor.cli.waiting import wait_until_gone
from supervisor.client.base import DeleteOptions
from supervisor.model.errors import ApiError

_CASCADES = {
    "background": "Background",
    "foreground": "Foreground",
    "orphan": "Orphan",
}
_OLD_CASCADES = {"true": "background", "false": "orphan"}


@dataclass(frozen=True)
class CommandOptions:
    """The options of one `delete`."""

    options: DeleteOptions
    dry_run: str
    output: str
    forced: bool
    wait: bool
    timeout: float
    ignore_not_found: bool


@click.command("delete", cls=Verb)
@click.argument(
    "args", nargs=-1, metavar="TYPE [NAME...]", shell_complete=complete_targets
)
@with_files
@with_selector
@with_field_selector
@click.option(
    "--all", "select_all", is_flag=True, help="Select all objects of the given types."
)
@click.option(
    "-A", "--all-namespaces", is_flag=True, help="Select objects in all namespaces."
)
@click.option(
    "--cascade",
    cls=OptionalValue,
    implied="background",
    default="background",
    metavar="background|orphan|foreground",
    help="How dependent objects are deleted.",
)
@click.option(
    "--grace-period",
    type=int,
    default=-1,
    metavar="SECONDS",
    help="Time to terminate gracefully; -1 uses each object's own, 0 needs --force.",
)
@click.option("--now", is_flag=True, help="Same as --grace-period=1.")
@click.option(
    "--force", is_flag=True, help="Delete immediately, with --grace-period=0."
)
@click.option(
    "--wait", is_flag=True, default=True, help="Wait until the objects are gone."
)
@click.option(
    "--timeout",
    default="0s",
    metavar="DURATION",
    help="How long to wait; 0 means no limit.",
)
@click.option("--ignore-not-found", is_flag=True, help="Ignore missing objects.")
@click.option("-o", "--output", default="", help='"name" prints only kind/name.')
@with_dry_run
@with_connection
@click.pass_obj
def command(
    session: Session,
    /,
    args: tuple[str, ...],
    filenames: tuple[str, ...],
    recursive: bool,
    labels: str,
    fields: str,
    select_all: bool,
    all_namespaces: bool,
    **options: object,
) -> None:
    """Delete objects.

    \b
    supervisor delete pod kubia
    supervisor delete -f kubia-rc.yaml
    supervisor delete rc kubia --cascade=orphan     keep its pods
    supervisor delete pods -l app=kubia
    """
    if select_all and labels:
        raise Failure("setting 'all' parameter but found a non empty selector.")
    opts = _command_options(select_all or bool(labels) or bool(fields), **options)  # type: ignore[arg-type]
    _check_selection(args, filenames, labels, fields, select_all)
    chosen = select_objects(
        session,
        "delete",
        args,
        filenames,
        recursive,
        labels,
        fields,
        select_all,
        all_namespaces,
    )
    _delete_all(session, chosen, opts)


def _delete_all(
    session: Session, chosen: Iterable[tuple[ObjectRef, object]], opts: CommandOptions
) -> None:
    deleted: list[tuple[ObjectRef, str]] = []
    found = False
    for ref, _ in chosen:
        found = True
        try:
            deleted.append((ref, _delete(session, ref, opts)))
        except ApiError as error:
            if not (error.code == 404 and opts.ignore_not_found):
                session.fail(error)
    if not found:
        click.echo("No resources found")
    if opts.wait and opts.dry_run == "none":
        deadline = time.monotonic() + opts.timeout if opts.timeout else None
        for ref, uid in deleted:
            wait_until_gone(session, ref, uid, deadline)


def _command_options(
    selecting: bool,
    cascade: str,
    grace_period: int,
    now: bool,
    force: bool,
    wait: bool,
    timeout: str,
    ignore_not_found: bool,
    output: str,
    dry_run: str,
) -> CommandOptions:
    if output not in ("", "name"):
        raise Failure(
            f'unexpected -o output mode: {output}. We only support "-o name".'
        )
    grace = _grace(grace_period, now, force)
    forced = force and grace == 0
    if forced:
        print_stderr(
            "Warning: Immediate deletion does not wait for confirmation that the "
            "running resource has been terminated. The resource may continue to run "
            "on the cluster indefinitely."
        )
    options = DeleteOptions(
        grace_period_seconds=grace if grace >= 0 else None,
        propagation_policy=_propagation(cascade),
        dry_run=dry_run == "server",
    )
    seconds = parse_duration(timeout, "--timeout")
    missing_ok = ignore_not_found or selecting
    return CommandOptions(options, dry_run, output, forced, wait, seconds, missing_ok)


def _grace(grace_period: int, now: bool, force: bool) -> int:
    """The grace period in seconds; -1 uses the objects' own."""
    if now and grace_period != -1:
        raise Failure("--now and --grace-period cannot be specified together")
    if force and (now or grace_period > 0):
        raise Failure(
            "--force and --grace-period greater than 0 cannot be specified together"
        )
    if force:
        return 0
    # As in kubectl: 0 without --force is the shortest graceful deletion.
    return 1 if now or grace_period == 0 else grace_period


def _propagation(cascade: str) -> str:
    if cascade in _OLD_CASCADES:
        new = _OLD_CASCADES[cascade]
        print_stderr(
            f"warning: --cascade={cascade} is deprecated (boolean value) and can be "
            f"replaced with --cascade={new}."
        )
        cascade = new
    if cascade not in _CASCADES:
        raise Failure(
            f'invalid cascade value ({cascade}). Must be "background", "foreground", '
            'or "orphan"'
        )
    return _CASCADES[cascade]


def _check_selection(
    args: tuple[str, ...],
    filenames: tuple[str, ...],
    labels: str,
    fields: str,
    select_all: bool,
) -> None:
    if not args and not filenames:
        raise Failure(
            "You must provide one or more resources by argument or filename",
            "for example `supervisor delete pod NAME` or `supervisor delete -f FILE`",
        )
    if filenames and (labels or fields or select_all):
        raise Failure("-f cannot be combined with -l, --field-selector or --all")


def _delete(session: Session, ref: ObjectRef, opts: CommandOptions) -> str:
    """Delete one object, print the result, and return its uid."""
    uid = ""
    if opts.dry_run == "client":
        session.client.get(ref.resource.full_name, ref.name, ref.namespace)
    else:
        answer = session.client.delete(
            ref.resource.full_name, ref.name, ref.namespace, opts.options
        )
        about = answer.get("details" if answer.get("kind") == "Status" else "metadata")
        uid = str((about or {}).get("uid") or "")
    if opts.output == "name":
        click.echo(str(ref))
    else:
        suffix = {"none": "", "client": " (dry run)", "server": " (server dry run)"}
        done = "force deleted" if opts.forced else "deleted"
        click.echo(
            f'{ref.resource.display_name} "{ref.name}" {done}{suffix[opts.dry_run]}'
        )
    return uid
