"""The templates that a DaemonSet had, as ControllerRevisions. Pure.

Follows pkg/controller/history/controller_history.go and
pkg/controller/daemon/update.go.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

from supervisor.controllers.workloads.daemonsets.plan import HASH_LABEL
from supervisor.kinds.identity import CONTROLLER_REVISION
from supervisor.kinds.workloads import revisions
from supervisor.model.equality import same
from supervisor.model.meta import Object, controller_reference


@dataclass(frozen=True)
class History:
    """What is to be done so that the present template has the newest revision."""

    hash: str
    """The value of label `controller-revision-hash`."""
    create: Object | None = None
    renumber: tuple[str, int] | None = None
    """Name of a revision that is the newest again, and its number from now on."""
    delete: tuple[str, ...] = ()


def history(
    owner: Object, found: Sequence[Object], used: set[str], limit: int | None
) -> History:
    """`found` are the owner's revisions, `used` the hashes that its pods carry."""
    data = {"spec": {"template": deepcopy(owner["spec"]["template"])}}
    data["spec"]["template"]["$patch"] = "replace"
    number = max((int(r.get("revision") or 0) for r in found), default=0)
    present = next((r for r in found if same(r.get("data"), data)), None)
    if present is None:
        collisions = (owner.get("status") or {}).get("collisionCount")
        text = revisions.template_hash(data, collisions)
        made = _revision(owner, data, text, number + 1)
        return History(text, made, delete=_surplus(found, used | {text}, limit))
    text = (present["metadata"].get("labels") or {}).get(HASH_LABEL, "")
    renumber = None
    if int(present.get("revision") or 0) < number:
        renumber = (present["metadata"]["name"], number + 1)
    kept = used | {text}
    return History(text, None, renumber, _surplus(found, kept, limit))


def _revision(owner: Object, data: Object, text: str, number: int) -> Object:
    meta = owner["metadata"]
    labels = (data["spec"]["template"].get("metadata") or {}).get("labels") or {}
    return {
        **CONTROLLER_REVISION.head,
        "metadata": {
            "name": f"{meta['name']}-{text}",
            "namespace": meta["namespace"],
            "labels": labels | {HASH_LABEL: text},
            "annotations": meta.get("annotations") or {},
            "ownerReferences": [controller_reference(owner)],
        },
        "data": data,
        "revision": number,
    }


def _surplus(
    found: Sequence[Object], used: set[str], limit: int | None
) -> tuple[str, ...]:
    """Old revisions beyond the limit, but for those that pods are of."""
    if limit is None:
        return ()
    old = [
        r
        for r in found
        if (r["metadata"].get("labels") or {}).get(HASH_LABEL) not in used
    ]
    old.sort(key=lambda r: int(r.get("revision") or 0))
    names = [str(r["metadata"]["name"]) for r in old]
    return tuple(names[: max(0, len(names) - limit)])
