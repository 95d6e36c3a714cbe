"""What the state of all nodes asks for: conditions, taints, events. Pure.

Rules
- A silent node's conditions become Unknown; its agent takes that back when it speaks.
- In the daemon's first seconds, and while the brake holds, no eviction is begun.
- A node that is heard of again evicts nobody, even before it says that it is ready.
- Pods of a lost node are no longer ready. Containers are never touched.

Follows monitorNodeHealth of
pkg/controller/nodelifecycle/node_lifecycle_controller.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from supervisor.controllers.nodes import brake as braking
from supervisor.controllers.nodes.brake import Brake
from supervisor.controllers.nodes.health import Watched, unknown_conditions
from supervisor.controllers.nodes.quarantine import FLAPPING
from supervisor.controllers.nodes.taints import (
    Eviction,
    is_marked_lost,
    present,
    taints,
)
from supervisor.model.failover import Failover
from supervisor.model.meta import Object


@dataclass(frozen=True)
class NodeEvent:
    type: str
    reason: str
    message: str


@dataclass(frozen=True)
class NodePlan:
    """What to write on one node."""

    node: Object
    conditions: tuple[Object, ...] = ()
    taints: list[Object] | None = None
    """None leaves them."""
    events: tuple[NodeEvent, ...] = ()

    @property
    def name(self) -> str:
        return str(self.node["metadata"]["name"])


@dataclass(frozen=True)
class Plan:
    nodes: tuple[NodePlan, ...]
    brake: Brake
    wake_at: float
    newly_lost: tuple[str, ...] = ()
    pods_not_ready: tuple[str, ...] = ()
    """Nodes whose pods are not ready, whatever they last said."""


def plan(
    nodes: Sequence[Watched],
    before: Brake,
    now: float,
    failover: Failover,
    *,
    started_at: float,
) -> Plan:
    """`before` is the brake as of the last look."""
    brake = braking.pulled(before, nodes, now, failover)
    young = now < started_at + failover.startup_seconds
    todo, wakes = [], [now + failover.grace_seconds]
    wakes += [n.silent_at for n in nodes if not n.is_silent(now)]
    wakes += [brake.free_at] if brake.free_at > now else []
    for node in nodes:
        planned, wake_at = _of_node(node, brake, now, young=young)
        wakes += [wake_at] if wake_at else []
        todo += [planned] if planned else []
    lost = [n for n in nodes if n.has_spoken and n.status(now) != "True"]
    return Plan(
        tuple(todo),
        brake,
        min(wakes),
        newly_lost=tuple(n.name for n in lost if not is_marked_lost(n.node)),
        pods_not_ready=tuple(n.name for n in lost if _is_certain(n, now, young=young)),
    )


def _of_node(
    node: Watched, brake: Brake, now: float, *, young: bool
) -> tuple[NodePlan | None, float | None]:
    """What to write on it, and when to look at it again."""
    events = []
    written = unknown_conditions(node.node, now) if node.is_silent(now) else ()
    if written and node.posted != "Unknown":
        text = f"Node {node.name} status is now: NodeNotReady"
        events.append(NodeEvent("Normal", "NodeNotReady", text))
    about_brake = braking.condition(node, brake, now)
    if about_brake is not None:
        written += (about_brake,)
        events.append(_brake_event(about_brake))
    wanted = taints(node, _eviction(node, brake, now, young=young), now)
    changed = wanted.wanted if wanted.wanted != present(node.node) else None
    if changed and is_marked_lost(node.node):
        events += [_flapping_event(t) for t in changed if t["key"] == FLAPPING]
    if not written and changed is None:
        return None, wanted.wake_at
    return NodePlan(node.node, written, changed, tuple(events)), wanted.wake_at


def _is_certain(node: Watched, now: float, *, young: bool) -> bool:
    """Whether this process has seen itself that a node is lost."""
    said = node.posted == "False" and node.has_spoken and not young
    return node.is_silent(now) or said


def _eviction(node: Watched, brake: Brake, now: float, *, young: bool) -> Eviction:
    if brake.holds:
        return Eviction.LIFT
    if node.posted == "Unknown" and not node.is_silent(now) and not young:
        # It is heard of again, and has only to say so itself.
        return Eviction.LIFT
    if brake.allows(now) and _is_certain(node, now, young=young):
        return Eviction.BEGIN
    return Eviction.KEEP


def _brake_event(condition: Object) -> NodeEvent:
    if condition["status"] == "True":
        return NodeEvent("Warning", "EvictionStopped", condition["message"])
    return NodeEvent("Normal", "EvictionResumed", condition["message"])


def _flapping_event(taint: Object) -> NodeEvent:
    text = f"It was lost several times of late: no new pods for {taint['value']}"
    return NodeEvent("Warning", "NodeFlapping", text)


def explain(todo: Plan) -> str:
    """A plan as text, one line for each node that is written to."""
    return "\n".join(f"{n.name}: {_changes(n)}" for n in todo.nodes)


def _changes(node: NodePlan) -> str:
    words = [f"{c['type']}={c['status']}" for c in node.conditions]
    if node.taints is not None:
        before, after = _named(present(node.node)), _named(node.taints)
        words += [f"+{t}" for t in after if t not in before]
        words += [f"-{t}" for t in before if t not in after]
    return " ".join(words)


def _named(taints: Sequence[Object]) -> list[str]:
    return [f"{t['key'].rpartition('/')[2]}:{t['effect']}" for t in taints]
