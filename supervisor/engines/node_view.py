"""The conditions by which a Node describes its engine, read and written. Pure."""

from dataclasses import dataclass

from supervisor.model import times
from supervisor.model.kinds import Node
from supervisor.model.meta import Condition, Object, decode

#: The condition of the Node that shows whether its engine answers.
_REACHABLE = "EngineReachable"
_RUNTIME_PREFIX = "docker://"
_MESSAGE_PREFIX = "container runtime is down: "
#: Part of the kubelet version of our agents.
_OUR_AGENT = "+supervisor-"


@dataclass(frozen=True)
class NodeView:
    answers: bool
    """Whether the engine answers."""
    message: str
    """Why it does not; empty if that was not reported."""
    heartbeat_at: float
    """When the agent last wrote the conditions; 0 for never."""
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
    """The status patch that shows why a Node has no agent; None if it is shown.

    Ready is left alone once an agent has set it.
    """
    status = decode(Node, obj).status
    ready = status.condition("Ready")
    was_set_by_agent = ready is not None and ready.last_heartbeat_time
    types = [_REACHABLE] if was_set_by_agent else [_REACHABLE, "Ready"]
    rows = [_false(t, status.condition(t), reason, message, now) for t in types]
    changed = [row for row in rows if row is not None]
    return {"status": {"conditions": changed}} if changed else None


def _false(
    type_: str, before: Condition | None, reason: str, message: str, now: float
) -> Object | None:
    """The condition with status False; None if it is as wanted."""
    wanted = ("False", reason, message)
    if before and (before.status, before.reason, before.message) == wanted:
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
    """Whether an agent of ours registered this Node, or it was created for one."""
    return _OUR_AGENT in decode(Node, obj).status.node_info.kubelet_version
