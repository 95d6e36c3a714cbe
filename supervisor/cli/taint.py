"""`supervisor taint`: set and remove taints of nodes.

Follows kubectl/pkg/cmd/taint/taint.go.
"""

from dataclasses import dataclass

import click

from supervisor.cli import taint_changes
from supervisor.cli.completing import complete_targets
from supervisor.cli.failure import Failure
from supervisor.cli.objects import Place, places, tell
from supervisor.cli.options import Verb, with_connection, with_dry_run, with_selector
from supervisor.cli.session import Session, say
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
@click.argument("words", nargs=-1, shell_complete=complete_targets)
@with_selector
@click.option("--all", "every", is_flag=True, help="All nodes.")
@click.option("--overwrite", is_flag=True, help="Replace taints that exist.")
@click.option("-o", "--output", default="", help="yaml, json, name, ...")
@with_dry_run
@with_connection
@click.pass_obj
def command(
    session: Session,
    /,
    words: tuple[str, ...],
    labels: str,
    every: bool,
    overwrite: bool,
    output: str,
    dry_run: str,
) -> None:
    """Update the taints of nodes.

    \b
    supervisor taint node node-1 dedicated=disks:NoSchedule
    supervisor taint node node-1 dedicated=tapes:NoSchedule --overwrite
    supervisor taint node node-1 dedicated:NoSchedule-      removes it
    supervisor taint node node-1 dedicated-                 with every effect
    supervisor taint nodes -l zone=cellar damp:PreferNoSchedule
    """
    names, specs = _split(words, every or bool(labels))
    changes = taint_changes.parse(specs)
    if every and labels:
        raise Failure("setting 'all' parameter but found a non empty selector.")
    opts = TaintOptions(changes, overwrite, output, dry_run)
    for place, _ in places(session, "taint", names, labels=labels, every=every):
        try:
            _one(session, place, opts)
        except (ApiError, Failure) as error:
            session.fail(error)


def _split(words: tuple[str, ...], every: bool) -> tuple[list[str], list[str]]:
    """Names in front, changes behind."""
    names: list[str] = []
    specs: list[str] = []
    for position, word in enumerate(words):
        is_change = ":" in word or "=" in word or word.endswith("-")
        if is_change and position:
            specs.append(word)
        elif specs:
            raise Failure(
                f"all resources must be specified before taint changes: {word}"
            )
        else:
            names.append(word)
    if len(names) == 1 and "/" not in names[0] and not every:
        raise Failure(
            "at least one resource name must be specified since 'all' parameter is "
            "not set"
        )
    kind = names[0].partition("/")[0] if names else "node"
    if kind.lower() not in _NODES:
        raise Failure(f"invalid resource type {kind}, only node types are supported")
    return names, specs


def _one(session: Session, place: Place, opts: TaintOptions) -> None:
    node = session.client.get(NODE.resource, place.name)
    done, taints, missing = taint_changes.applied(node, opts.changes, opts.overwrite)
    if missing:
        raise Failure("\n".join(f'taint "{shown}" not found' for shown in missing))
    changed = node | {"spec": (node.get("spec") or {}) | {"taints": taints}}
    if opts.dry_run != "client":
        changed = _send(session, node, taints, opts)
    tell(session, changed, done, opts.output, opts.dry_run)


def _send(
    session: Session, node: Object, taints: list[Object], opts: TaintOptions
) -> Object:
    """Replace the list, if nobody has changed the node meanwhile."""
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
        say(f"Warning: {text}")
    return changed
