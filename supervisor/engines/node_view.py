"""What a Node object tells of the engine behind it. Pure."""

from dataclasses import dataclass

from supervisor.model import times
from supervisor.model.kinds import Node
from supervisor.model.meta import Condition, Object, decode

#: The condition in which agents say whether their engine answers.
_REACHABLE = "EngineReachable"
_RUNTIME_PREFIX = "docker://"
_MESSAGE_PREFIX = "container runtime is down: "
#: What the version of our own agents has in it.
_OUR_AGENT = "+supervisor-"


@dataclass(frozen=True)
class NodeView:
    answers: bool
    """Whether the engine does."""
    message: str
    """Why it does not."""
    heartbeat_at: float
    """When its agent last wrote its state; 0 for never."""
    engine_id: str
    version: str


def view(obj: Object) -> NodeView:
    status = decode(Node, obj).status
    ready, engine = status.condition("Ready"), status.condition(_REACHABLE)
    bad = next((c for c in (engine, ready) if c and c.status != "True"), None)
    beats = [c.last_heartbeat_time for c in (engine, ready) if c is not None]
    version = status.node_info.container_runtime_version
    return NodeView(
        answers=ready is not None and bad is None,
        message=bad.message.removeprefix(_MESSAGE_PREFIX) if bad else "",
        heartbeat_at=max((times.to_seconds(b) for b in beats if b), default=0.0),
        engine_id=status.node_info.machine_id,
        version=version.removeprefix(_RUNTIME_PREFIX),
    )


def away(obj: Object, reason: str, message: str, now: float) -> Object | None:
    """The patch of the status by which a Node without an agent says why it has none.

    None if it says so. Ready is left alone once an agent has spoken of it.
    """
    status = decode(Node, obj).status
    ready = status.condition("Ready")
    has_spoken = ready is not None and ready.last_heartbeat_time
    types = [_REACHABLE] if has_spoken else [_REACHABLE, "Ready"]
    rows = [_false(t, status.condition(t), reason, message, now) for t in types]
    changed = [row for row in rows if row is not None]
    return {"status": {"conditions": changed}} if changed else None


def _false(
    type_: str, before: Condition | None, reason: str, message: str, now: float
) -> Object | None:
    """The condition as it should be; None if it is."""
    said = ("False", reason, message)
    if before and (before.status, before.reason, before.message) == said:
        return None
    was_false = before is not None and before.status == "False"
    since = before.last_transition_time if before is not None and was_false else None
    # Without a heartbeat: it is no sign of an agent's life.
    return {
        "type": type_,
        "status": "False",
        "reason": reason,
        "message": message,
        "lastTransitionTime": since or times.to_text(now),
        "lastHeartbeatTime": None,
    }


def is_of_our_agent(obj: Object) -> bool:
    """Whether this Node was registered by an agent of ours, or for one."""
    return _OUR_AGENT in decode(Node, obj).status.node_info.kubelet_version
