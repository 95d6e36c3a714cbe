"""Which nodes a command line names, and whether new pods may come to them.

Follows kubectl/pkg/drain/cordon.go and kubectl/pkg/cmd/drain/drain.go (Complete).
"""

from collections.abc import Sequence

from supervisor.cli.failure import Failure
from supervisor.cli.objects import read_all, tell
from supervisor.cli.session import Session, say
from supervisor.client.base import WriteOptions
from supervisor.kinds import identity
from supervisor.model.meta import Object

_PREFIXES = ("node/", "nodes/", "no/")


def chosen_nodes(
    session: Session, verb: str, names: Sequence[str], labels: str
) -> list[Object]:
    """The nodes, by name (`node-1`, `node/node-1`) or by label selector."""
    if names and labels:
        raise Failure("cannot specify both a node name and a --selector option")
    if not names and not labels:
        raise Failure(
            f"USAGE: {verb} NODE [flags]", f"`supervisor {verb} --help` tells more"
        )
    if labels:
        found = read_all(
            session, session.catalog.find(identity.NODE.resource), "", labels, ""
        )
        if not found:
            say("No resources found")
        return [identity.NODE.head | node for node in found]
    return [session.client.get(identity.NODE.resource, _plain(name)) for name in names]


def _plain(name: str) -> str:
    prefix = next((p for p in _PREFIXES if name.startswith(p)), "")
    return name.removeprefix(prefix)


def cordon(session: Session, node: Object, wanted: bool, dry_run: str) -> None:
    """Set or clear `spec.unschedulable`, and say what came of it."""
    done = "cordoned" if wanted else "uncordoned"
    if bool((node.get("spec") or {}).get("unschedulable")) == wanted:
        tell(session, node, f"already {done}", "", dry_run)
        return
    if dry_run != "client":
        patch: Object = {"spec": {"unschedulable": True if wanted else None}}
        options = WriteOptions(dry_run=dry_run == "server")
        name = node["metadata"]["name"]
        session.client.patch(identity.NODE.resource, name, "", patch, options=options)
    tell(session, node, done, "", dry_run)
