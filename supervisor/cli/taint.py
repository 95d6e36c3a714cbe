"""`supervisor taint`: add and remove taints of nodes.

Follows kubectl/pkg/cmd/taint/taint.go.
"""

from dataclasses import dataclass

import click

from supervisor.cli import taint_changes
from supervisor.cli.completing import complete_targets
from supervisor.cli.failure import Failure
from supervisor.cli.objects import ObjectRef, print_result, select_objects
from supervisor.cli.options import Verb, with_connection, with_dry_run, with_selector
from supervisor.cli.session import Session, print_stderr
from supervisor.cli.taint_changes import Changes
from supervisor.client.base import PatchType, WriteOptions
from supervisor.kinds.identity import NODE
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

_NODES = ("node", NODE.resource, "no")


@dataclass(frozen=True)
class TaintOptions:
    """The options of one `taint`."""

    changes: Changes
    overwrite: bool
    output: str
    dry_run: str


@click.command("taint", cls=Verb)
@click.argument(
    "args",
    nargs=-1,
    metavar="node NAME KEY[=VALUE]:EFFECT...",
    shell_complete=complete_targets,
)
@with_selector
@click.option("--all", "select_all", is_flag=True, help="Select all nodes.")
@click.option("--overwrite", is_flag=True, help="Replace existing taints.")
@click.option("-o", "--output", default="", help="yaml, json, name, ...")
@with_dry_run
@with_connection
@click.pass_obj
def command(
    session: Session,
    /,
    args: tuple[str, ...],
    labels: str,
    select_all: bool,
    overwrite: bool,
    output: str,
    dry_run: str,
) -> None:
    """Update the taints of nodes.

    \b
    supervisor taint node node-1 dedicated=disks:NoSchedule
    supervisor taint node node-1 dedicated=tapes:NoSchedule --overwrite
    supervisor taint node node-1 dedicated:NoSchedule-      remove it
    supervisor taint node node-1 dedicated-                 remove all effects
    supervisor taint nodes -l zone=cellar damp:PreferNoSchedule
    """
    names, specs = _split(args, select_all or bool(labels))
    changes = taint_changes.parse(specs)
    if select_all and labels:
        raise Failure("setting 'all' parameter but found a non empty selector.")
    opts = TaintOptions(changes, overwrite, output, dry_run)
    for ref, _ in select_objects(
        session, "taint", names, labels=labels, select_all=select_all
    ):
        try:
            _taint(session, ref, opts)
        except (ApiError, Failure) as error:
            session.fail(error)


def _split(args: tuple[str, ...], select_all: bool) -> tuple[list[str], list[str]]:
    """Split into names and changes. Raises Failure."""
    names: list[str] = []
    specs: list[str] = []
    for position, arg in enumerate(args):
        is_change = ":" in arg or "=" in arg or arg.endswith("-")
        if is_change and position:
            specs.append(arg)
        elif specs:
            raise Failure(
                f"all resources must be specified before taint changes: {arg}"
            )
        else:
            names.append(arg)
    if len(names) == 1 and "/" not in names[0] and not select_all:
        raise Failure(
            "at least one resource name must be specified since 'all' parameter is "
            "not set"
        )
    kind = names[0].partition("/")[0] if names else "node"
    if kind.lower() not in _NODES:
        raise Failure(f"invalid resource type {kind}, only node types are supported")
    return names, specs


def _taint(session: Session, ref: ObjectRef, opts: TaintOptions) -> None:
    node = session.client.get(NODE.resource, ref.name)
    outcome, taints, missing = taint_changes.apply_changes(
        node, opts.changes, opts.overwrite
    )
    if missing:
        raise Failure("\n".join(f'taint "{taint}" not found' for taint in missing))
    changed = node | {"spec": (node.get("spec") or {}) | {"taints": taints}}
    if opts.dry_run != "client":
        changed = _send(session, node, taints, opts)
    print_result(session, changed, outcome, opts.output, opts.dry_run)


def _send(
    session: Session, node: Object, taints: list[Object], opts: TaintOptions
) -> Object:
    """Replace the taints, unless the node has been modified in the meantime."""
    meta = node["metadata"]
    patch: Object = {
        "metadata": {"resourceVersion": meta["resourceVersion"]},
        "spec": {"taints": taints or None},
    }
    options = WriteOptions("Strict", "kubectl-taint", opts.dry_run == "server")
    changed = session.client.patch(
        NODE.resource, meta["name"], "", patch, PatchType.MERGE, options=options
    )
    for text in options.warnings:
        print_stderr(f"Warning: {text}")
    return changed
