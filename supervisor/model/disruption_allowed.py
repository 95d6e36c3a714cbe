"""The condition DisruptionAllowed of a PodDisruptionBudget. Pure.

Rules
- The transition time changes with the status of the condition only.

Follows component-helpers/apps/poddisruptionbudget/helpers.go.
"""

from supervisor.model import times
from supervisor.model.meta import Object

TYPE = "DisruptionAllowed"
SYNC_FAILED = "SyncFailed"
"""The reason if the numbers of the budget could not be computed."""


def with_condition(status: Object, now: float) -> Object:
    """`status` with the condition that follows from `disruptionsAllowed`.

    `now` is in seconds since the epoch.
    """
    is_allowed = (status.get("disruptionsAllowed") or 0) > 0
    reason = "SufficientPods" if is_allowed else "InsufficientPods"
    return _with(status, "True" if is_allowed else "False", reason, "", now)


def with_failure(status: Object, message: str, now: float) -> Object:
    """`status` after a failed computation: no disruption is allowed."""
    closed = status | {"disruptionsAllowed": 0}
    return _with(closed, "False", SYNC_FAILED, message, now)


def _with(status: Object, value: str, reason: str, message: str, now: float) -> Object:
    rows: list[Object] = status.get("conditions") or []
    before: Object = next((row for row in rows if row.get("type") == TYPE), {})
    since = before.get("lastTransitionTime") if before.get("status") == value else None
    condition: Object = {
        "type": TYPE,
        "status": value,
        "lastTransitionTime": since or times.to_text(now),
        "reason": reason,
        "message": message,
    }
    if generation := status.get("observedGeneration"):
        condition["observedGeneration"] = generation
    others = [row for row in rows if row.get("type") != TYPE]
    return status | {"conditions": [*others, condition]}
