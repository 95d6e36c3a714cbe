"""Whether a node is heard of: heartbeats, and what silence says about it. Pure.

Rules
- A heartbeat is a renewed Lease or a change of the node's own heartbeat times. It
  counts from when it was seen here, by this clock, so that the clocks of nodes do not
  matter.
- A node that is silent for the grace is lost, whatever it said last; one that says
  itself that it is not ready is lost too.
- A node of which an agent has never spoken, and whoever registered it says that it is
  not ready, is neither silent nor lost: nothing was ever there that could be.
- What a node's silence would mean is not decided in the daemon's first seconds: it may
  be this process that has not listened.

Follows pkg/controller/nodelifecycle/node_lifecycle_controller.go (updateNodeHealth).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from supervisor.model import times
from supervisor.model.failover import Failover
from supervisor.model.meta import Object

READY = "Ready"
_HEALTH = (READY, "MemoryPressure", "DiskPressure", "PIDPressure")


@dataclass(frozen=True)
class Heartbeat:
    """What was last seen of a node, and when it was seen to change."""

    seen: tuple[str, ...]
    changed_at: float


@dataclass(frozen=True)
class Watched:
    """A node, and what this process has heard of it."""

    node: Object
    heartbeat: Heartbeat
    silent_at: float
    """When it counts as silent, should nothing more be heard."""
    losses: tuple[float, ...] = ()
    """When it was lost, as far as this process has seen."""

    @property
    def name(self) -> str:
        return str(self.node["metadata"]["name"])

    @property
    def posted(self) -> str:
        """What its Ready condition says; empty for a node that never said anything."""
        ready = next((c for c in conditions(self.node) if c["type"] == READY), None)
        return str(ready["status"]) if ready else ""

    @property
    def has_spoken(self) -> bool:
        """Whether an agent of it has ever said how it does."""
        return _has_spoken(self.node)

    def status(self, now: float) -> str:
        """`True`, `False`, `Unknown`, or empty for a node that is just arriving."""
        return "Unknown" if self.is_silent(now) else self.posted

    def is_silent(self, now: float) -> bool:
        return now >= self.silent_at


def watched(
    node: Object,
    heartbeat: Heartbeat,
    failover: Failover,
    *,
    started_at: float,
    losses: tuple[float, ...] = (),
) -> Watched:
    heard_at = heartbeat.changed_at
    startup_over_at = started_at + failover.startup_seconds
    silent_at = max(heard_at + failover.grace_seconds, startup_over_at)
    ready = next((c for c in conditions(node) if c["type"] == READY), None)
    if ready is None:
        # It is just arriving, and has as long as after a start of the daemon.
        silent_at = max(silent_at, heard_at + failover.startup_seconds)
    elif ready["status"] == "False" and not _has_spoken(node):
        silent_at = inf
    return Watched(node, heartbeat, silent_at, losses)


def _has_spoken(node: Object) -> bool:
    """Only what an agent says of its node is dated."""
    rows = conditions(node)
    return any(c["type"] == READY and c.get("lastHeartbeatTime") for c in rows)


def observed(
    node: Object,
    lease: Object | None,
    known: Heartbeat | None,
    now: float,
    *,
    renewed_at: float | None = None,
) -> Heartbeat:
    """The heartbeat as of `now`: unchanged when nothing new was seen.

    `renewed_at` is when the Lease's renewal was first seen, if that was before.
    """
    renewed = renewal(lease or {})
    beats = [
        str(c.get("lastHeartbeatTime") or "")
        for c in conditions(node)
        if c["type"] in _HEALTH
    ]
    seen = (node["metadata"]["uid"], renewed, max(beats, default=""))
    if known is not None and known.seen == seen:
        return known
    only_renewed = known is not None and known.seen[::2] == seen[::2]
    if only_renewed and renewed_at is not None:
        return Heartbeat(seen, renewed_at)
    return Heartbeat(seen, now)


def renewal(lease: Object) -> str:
    """When it was renewed, by the clock of who did it."""
    return str((lease.get("spec") or {}).get("renewTime") or "")


def unknown_conditions(node: Object, now: float) -> tuple[Object, ...]:
    """The conditions to write on a silent node; none when they are there already."""
    held = {condition["type"]: condition for condition in conditions(node)}
    return tuple(
        _unknown(type_, held.get(type_), now)
        for type_ in _HEALTH
        if held.get(type_, {}).get("status") != "Unknown"
    )


def _unknown(type_: str, held: Mapping[str, str] | None, now: float) -> Object:
    reason, text = "NodeStatusUnknown", "Kubelet stopped posting node status."
    if held is None:
        reason, text = "NodeStatusNeverUpdated", "Kubelet never posted node status."
    condition = {
        "type": type_,
        "status": "Unknown",
        "lastTransitionTime": times.to_text(now),
        "reason": reason,
        "message": text,
    }
    # Kept as it was: a change of it would look like a heartbeat.
    since = (held or {}).get("lastHeartbeatTime")
    return condition | ({"lastHeartbeatTime": since} if since else {})


def conditions(node: Object) -> list[Object]:
    return (node.get("status") or {}).get("conditions") or []
