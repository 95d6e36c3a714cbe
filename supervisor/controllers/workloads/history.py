"""Keep the templates of a DaemonSet or StatefulSet as ControllerRevisions. Pure.

Follows pkg/controller/history/controller_history.go and
pkg/controller/daemon/update.go.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

from supervisor.kinds.identity import CONTROLLER_REVISION
from supervisor.kinds.workloads import revisions
from supervisor.model.equality import same
from supervisor.model.meta import Object, controller_reference

HASH_LABEL = "controller-revision-hash"


@dataclass(frozen=True)
class History:
    """The changes after which the present template has the newest revision."""

    hash: str
    """The value of label `controller-revision-hash` of the present revision."""
    name: str
    """Name of the present revision."""
    create: Object | None = None
    renumber: tuple[str, int] | None = None
    """Name of a revision that is the newest again, and its number from now on."""
    delete: tuple[str, ...] = ()


def history(
    owner: Object, found: Sequence[Object], used: set[str], limit: int | None
) -> History:
    """Plan the changes.

    `found` are the owner's revisions, `used` the hashes or names of revisions that must
    stay. At most `limit` others stay; None for all.
    """
    data = {"spec": {"template": deepcopy(owner["spec"]["template"])}}
    data["spec"]["template"]["$patch"] = "replace"
    number = max((int(r.get("revision") or 0) for r in found), default=0)
    present = next((r for r in found if same(r.get("data"), data)), None)
    if present is None:
        collisions = (owner.get("status") or {}).get("collisionCount")
        text = revisions.template_hash(data, collisions)
        made = _revision(owner, data, text, number + 1)
        return History(
            text,
            made["metadata"]["name"],
            made,
            delete=_surplus(found, used | {text}, limit),
        )
    text = _hash_of(present)
    renumber = None
    if int(present.get("revision") or 0) < number:
        renumber = (present["metadata"]["name"], number + 1)
    kept = used | {text}
    return History(
        text, present["metadata"]["name"], None, renumber, _surplus(found, kept, limit)
    )


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
    """Names of old revisions beyond the limit that are not in use."""
    if limit is None:
        return ()
    old = [r for r in found if not used & {_hash_of(r), str(r["metadata"]["name"])}]
    old.sort(key=lambda r: int(r.get("revision") or 0))
    names = [str(r["metadata"]["name"]) for r in old]
    return tuple(names[: max(0, len(names) - limit)])


def _hash_of(revision: Object) -> str:
    return str((revision["metadata"].get("labels") or {}).get(HASH_LABEL, ""))


def template_of(revision: Object) -> Object:
    """The pod template that a revision was made from."""
    data = deepcopy((revision.get("data") or {}).get("spec", {}).get("template") or {})
    return {key: value for key, value in data.items() if key != "$patch"}
