"""`supervisor scale`: set the number of replicas.

Follows kubectl/pkg/cmd/scale/scale.go.
"""

from dataclasses import dataclass

import click

from supervisor.cli.completing import complete_targets
from supervisor.cli.failure import Failure
from supervisor.cli.objects import ObjectRef, print_result, select_objects
from supervisor.cli.options import (
    Verb,
    with_connection,
    with_dry_run,
    with_files,
    with_selector,
)
from supervisor.cli.session import Session
from supervisor.client.base import PatchType, WriteOptions
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object


@dataclass(frozen=True)
class ScaleOptions:
    """The options of one `scale`."""

    replicas: int
    current: int
    version: str
    output: str
    dry_run: str


@click.command("scale", cls=Verb)
@click.argument("args", nargs=-1, metavar="TYPE NAME", shell_complete=complete_targets)
@with_files
@with_selector
@click.option(
    "--all", "select_all", is_flag=True, help="Select all objects of the given types."
)
@click.option(
    "--replicas", type=int, metavar="COUNT", help="New number of replicas. Required."
)
@click.option(
    "--current-replicas",
    type=int,
    default=-1,
    metavar="COUNT",
    help="Scale only if this is the current number of replicas.",
)
@click.option(
    "--resource-version", default="", help="Scale only if this is the current version."
)
@click.option("-o", "--output", default="", help="yaml, json, name, jsonpath=...")
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
    select_all: bool,
    replicas: int | None,
    current_replicas: int,
    resource_version: str,
    output: str,
    dry_run: str,
) -> None:
    """Set a new number of replicas for a controller.

    \b
    supervisor scale rc kubia --replicas=3
    supervisor scale --current-replicas=2 --replicas=3 rc/kubia
    """
    if replicas is None or replicas < 0:
        raise Failure(
            "The --replicas=COUNT flag is required, and COUNT must be greater than or "
            "equal to 0"
        )
    opts = ScaleOptions(replicas, current_replicas, resource_version, output, dry_run)
    for ref, _ in select_objects(
        session, "scale", args, filenames, recursive, labels, select_all=select_all
    ):
        try:
            _scale_one(session, ref, opts)
        except (ApiError, Failure) as error:
            session.fail(error)


def _scale_one(session: Session, ref: ObjectRef, opts: ScaleOptions) -> None:
    if "scale" not in ref.resource.subresources:
        raise Failure(
            f"cannot scale {ref}: {ref.resource.kind} has no scale subresource"
        )
    name = ref.resource.full_name
    obj = session.client.get(name, ref.name, ref.namespace)
    if opts.current >= 0 or opts.version:
        _scale_from(session, ref, opts)
    elif opts.dry_run != "client":
        _scale(session, ref, opts)
    if opts.output not in ("", "name") and opts.dry_run == "none":
        obj = session.client.get(name, ref.name, ref.namespace)
    print_result(session, obj, "scaled", opts.output, opts.dry_run)


def _scale(session: Session, ref: ObjectRef, opts: ScaleOptions) -> None:
    session.client.patch(
        ref.resource.full_name,
        ref.name,
        ref.namespace,
        {"spec": {"replicas": opts.replicas}},
        PatchType.MERGE,
        subresource="scale",
        options=WriteOptions(dry_run=opts.dry_run == "server"),
    )


def _scale_from(session: Session, ref: ObjectRef, opts: ScaleOptions) -> None:
    """Scale if the current replicas and version match the options.

    The update carries the resourceVersion, so the server detects later changes.
    """
    client, name = session.client, ref.resource.full_name
    path = client.path(name, ref.namespace, ref.name, "scale")
    scale: Object = client.connection.json("GET", path)
    found = (scale.get("spec") or {}).get("replicas", 0)
    if opts.current >= 0 and found != opts.current:
        raise Failure(f"Expected replicas to be {opts.current}, was {found}")
    version = scale["metadata"].get("resourceVersion")
    if opts.version and opts.version != version:
        raise Failure(f"Expected resource version to be {opts.version}, was {version}")
    scale["spec"] = {"replicas": opts.replicas}
    if opts.dry_run != "client":
        options = WriteOptions(dry_run=opts.dry_run == "server")
        client.update(name, scale, subresource="scale", options=options)
