"""The taints that a node's state puts on it. Pure.

| state                     | taint                                | effects           |
|---------------------------|--------------------------------------|-------------------|
| Ready is False            | node.kubernetes.io/not-ready         | both              |
| Ready is Unknown          | node.kubernetes.io/unreachable       | both              |
| cordoned                  | node.kubernetes.io/unschedulable     | NoSchedule        |
| back after several losses | supervisor.io/flapping               | NoSchedule        |

Rules
- not-ready and unreachable are swapped, never both; the swap keeps the instant from
  which pods count their tolerationSeconds.
- NoExecute waits until eviction is allowed, and is lifted while the brake holds.
- Taints of others stay as they are, in their order.

Follows doNoScheduleTaintingPass and processTaintBaseEviction of
pkg/controller/nodelifecycle/node_lifecycle_controller.go.
"""

from dataclasses import dataclass
from enum import Enum

from supervisor.controllers.nodes import quarantine
from supervisor.controllers.nodes.health import Watched
from supervisor.model import times
from supervisor.model.meta import Object
from supervisor.model.taints import (
    LOST,
    NO_EXECUTE,
    NO_SCHEDULE,
    NOT_READY,
    UNREACHABLE,
    UNSCHEDULABLE,
)

_KEY_BY_STATUS = {"False": NOT_READY, "Unknown": UNREACHABLE}


class Eviction(Enum):
    """What may become of the NoExecute taint of a lost node."""

    BEGIN = "begin"
    KEEP = "keep"
    """Too early to say: one that stands stays, none is added."""
    LIFT = "lift"


@dataclass(frozen=True)
class Taints:
    wanted: list[Object]
    wake_at: float | None = None
    """When a quarantine ends."""


def present(node: Object) -> list[Object]:
    return (node.get("spec") or {}).get("taints") or []


def is_marked_lost(node: Object) -> bool:
    return any(taint["key"] in LOST for taint in present(node))


def taints(node: Watched, eviction: Eviction, now: float) -> Taints:
    """All taints that the node should have at `now`."""
    held = present(node.node)
    others = [t for t in held if not _is_ours(t)]
    status = node.status(now)
    ours: list[Object] = []
    if key := _KEY_BY_STATUS.get(status):
        ours = _lost(key, held, eviction, now)
    elif not status:
        ours = [t for t in held if t["key"] in LOST]
    if (node.node.get("spec") or {}).get("unschedulable"):
        ours.append(_dated(UNSCHEDULABLE, NO_SCHEDULE, held, now))
    flapping = _flapping(node, held, now) if status == "True" else None
    if flapping is None:
        return Taints(others + ours)
    return Taints([*others, *ours, flapping], quarantine.ends_at(flapping))


def _is_ours(taint: Object) -> bool:
    if taint["key"] in LOST:
        return True
    ours = (UNSCHEDULABLE, quarantine.FLAPPING)
    return taint["key"] in ours and taint["effect"] == NO_SCHEDULE


def _lost(key: str, held: list[Object], eviction: Eviction, now: float) -> list[Object]:
    found = [_dated(key, NO_SCHEDULE, held, now)]
    evicting = [t for t in held if t["key"] in LOST and t["effect"] == NO_EXECUTE]
    if eviction is Eviction.LIFT:
        return found
    if eviction is Eviction.KEEP and not evicting:
        return found
    since = evicting[0].get("timeAdded") if evicting else None
    at = since or times.to_micro_text(now)
    return [*found, {"key": key, "effect": NO_EXECUTE, "timeAdded": at}]


def _dated(key: str, effect: str, held: list[Object], now: float) -> Object:
    for taint in held:
        if (taint["key"], taint["effect"]) == (key, effect):
            return taint
    return {"key": key, "effect": effect, "timeAdded": times.to_micro_text(now)}


def _flapping(node: Watched, held: list[Object], now: float) -> Object | None:
    """The quarantine of a node that is back: a new one, or what is left of it."""
    if is_marked_lost(node.node):
        return quarantine.taint(node.losses, now)
    running = next((t for t in held if t["key"] == quarantine.FLAPPING), None)
    if running is None or now >= quarantine.ends_at(running):
        return None
    return running
