"""LimitRange and ResourceQuota: limits for a namespace, which are only kept so far.

Follows printResourceQuota of pkg/printers/internalversion/printers.go. Upstream's table
of LimitRanges has their age alone.
"""

from supervisor.kinds.columns import (
    AGE,
    NAME,
    Cell,
    Column,
    Printer,
    age_of,
    get,
    name_of,
)
from supervisor.kinds.identity import LIMIT_RANGE, RESOURCE_QUOTA
from supervisor.kinds.parts import NAME_AND_AGE, not_enforced
from supervisor.model.meta import Object

_LIMITS = "limits."


def _cells(quota: Object, now: float) -> list[Cell]:
    hard, used = get(quota, "spec.hard", {}), get(quota, "status.used", {})
    texts = {name: f"{name}: {used.get(name, 0)}/{hard[name]}" for name in sorted(hard)}
    requests = [text for name, text in texts.items() if not name.startswith(_LIMITS)]
    limits = [text for name, text in texts.items() if name.startswith(_LIMITS)]
    return [name_of(quota), ", ".join(requests), ", ".join(limits), age_of(quota, now)]


_COLUMNS = (
    NAME,
    Column("Request", "What is used of each limit on requests and objects."),
    Column("Limit", "What is used of each limit on limits."),
    AGE,
)
LIMITS = not_enforced(LIMIT_RANGE, short_names=("limits",), columns=NAME_AND_AGE)
QUOTAS = not_enforced(
    RESOURCE_QUOTA, short_names=("quota",), columns=Printer(_COLUMNS, _cells)
)
