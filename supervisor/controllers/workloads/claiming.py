"""Take over objects that an owner selects, and let go those that it no longer does.

Rules
- An object with another controller is never touched.
- An owner that is being deleted adopts nothing; before adopting it is read again.

Follows pkg/controller/controller_ref_manager.go.
"""

from collections.abc import Iterable

from supervisor.client.base import Client, PatchType
from supervisor.kinds.identity import Identity
from supervisor.model.errors import ApiError, conflict
from supervisor.model.meta import Object, controller_reference
from supervisor.model.selectors import LabelSelector


def controller_of(obj: Object) -> Object | None:
    """The ownerReference of the object's controller."""
    owners: list[Object] = obj["metadata"].get("ownerReferences") or []
    return next((owner for owner in owners if owner.get("controller")), None)


def claim(
    client: Client,
    owner_kind: Identity,
    owner: Object,
    selector: LabelSelector,
    kind: Identity,
    found: Iterable[Object],
) -> list[Object]:
    """Those of `found`, objects of `kind`, that are the owner's from now on."""
    mine = []
    for obj in found:
        meta, held_by = obj["metadata"], controller_of(obj)
        matches = selector.matches(meta.get("labels"))
        if held_by is not None and held_by["uid"] == owner["metadata"]["uid"]:
            if matches or meta.get("deletionTimestamp"):
                mine.append(obj)
            else:
                drop = {"$patch": "delete", "uid": owner["metadata"]["uid"]}
                _change_owners(client, kind, obj, drop)
        elif held_by is None and matches and _may_adopt(client, owner_kind, owner, obj):
            _change_owners(client, kind, obj, controller_reference(owner))
            mine.append(obj)
    return mine


def _may_adopt(client: Client, kind: Identity, owner: Object, obj: Object) -> bool:
    meta = owner["metadata"]
    if meta.get("deletionTimestamp") or obj["metadata"].get("deletionTimestamp"):
        return False
    fresh = client.get(kind.resource, meta["name"], meta["namespace"])["metadata"]
    if fresh["uid"] != meta["uid"] or fresh.get("deletionTimestamp"):
        raise conflict(kind.resource, meta["name"], "it was deleted meanwhile")
    return True


def _change_owners(client: Client, kind: Identity, obj: Object, change: Object) -> None:
    meta = obj["metadata"]
    patch = {"metadata": {"uid": meta["uid"], "ownerReferences": [change]}}
    try:
        client.patch(
            kind.resource, meta["name"], meta["namespace"], patch, PatchType.STRATEGIC
        )
    except ApiError as error:
        if error.code != 404:
            raise
