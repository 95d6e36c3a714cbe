"""Whether a pod that the API does not know may be removed from the engine. Pure.

| the pod's object                              | what follows                        |
|-----------------------------------------------|-------------------------------------|
| is damaged in the store                       | held until it is repaired           |
| went while the agent was watching             | removed: somebody has deleted it    |
| was written to a part of the store's history  | removed: it was deleted meanwhile   |
| was not: another store, or a set back one     | held until a person decides         |
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from supervisor.model.lineage import Lineage, Origin
from supervisor.runtime.base import ObservedPod

DAMAGED = "its object is damaged in the store"


def objection(
    seen: ObservedPod,
    origins: Sequence[Origin],
    lineage: Lineage,
    unreadable: AbstractSet[tuple[str, str]],
    *,
    departed: bool,
) -> str:
    """Why the pod must not be removed, for people; empty if it may be.

    `origins` are those of all containers and sandboxes that the engine has of it.
    """
    if (seen.namespace, seen.name) in unreadable:
        return DAMAGED
    if departed:
        return ""
    return next((why for o in origins if (why := lineage.missing_reason(o))), "")
