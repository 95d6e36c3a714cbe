"""Selecting nodes and setting `spec.unschedulable`, for cordon, uncordon and drain.

Follows kubectl/pkg/drain/cordon.go and kubectl/pkg/cmd/drain/drain.go (Complete).
"""

from collections.abc import Sequence

from supervisor.cli.failure import Failure
from supervisor.cli.objects import print_result, read_all
from supervisor.cli.session import Session, print_stderr
from supervisor.client.base import WriteOptions
from supervisor.kinds import identity
from supervisor.model.meta import Object

_PREFIXES = ("node/", "nodes/", "no/")


def chosen_nodes(
    session: Session, verb: str, names: Sequence[str], labels: str
) -> list[Object]:
    """Nodes selected by name (`node-1`, `node/node-1`) or by label selector.

    Raises Failure unless exactly one of `names` and `labels` is given; ApiError.
    """
    if names and labels:
        raise Failure("cannot specify both a node name and a --selector option")
    if not names and not labels:
        raise Failure(f"USAGE: {verb} NODE [flags]", f"see `supervisor {verb} --help`")
    if labels:
        found = read_all(
            session, session.catalog.find(identity.NODE.resource), "", labels, ""
        )
        if not found:
            print_stderr("No resources found")
        return [identity.NODE.head | node for node in found]
    return [
        session.client.get(identity.NODE.resource, _without_prefix(name))
        for name in names
    ]


def _without_prefix(name: str) -> str:
    prefix = next((p for p in _PREFIXES if name.startswith(p)), "")
    return name.removeprefix(prefix)


def cordon(session: Session, node: Object, unschedulable: bool, dry_run: str) -> None:
    """Set or clear `spec.unschedulable` and print the result."""
    outcome = "cordoned" if unschedulable else "uncordoned"
    if bool((node.get("spec") or {}).get("unschedulable")) == unschedulable:
        print_result(session, node, f"already {outcome}", "", dry_run)
        return
    if dry_run != "client":
        patch: Object = {"spec": {"unschedulable": True if unschedulable else None}}
        options = WriteOptions(dry_run=dry_run == "server")
        name = node["metadata"]["name"]
        session.client.patch(identity.NODE.resource, name, "", patch, options=options)
    print_result(session, node, outcome, "", dry_run)
