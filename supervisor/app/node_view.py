"""What a Node object tells of the engine behind it. Pure."""

from dataclasses import dataclass

from supervisor.model import times
from supervisor.model.kinds import Node
from supervisor.model.meta import Object, decode

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


def away(obj: Object, error: str, now: float) -> Object | None:
    """The patch of the status by which a Node without an agent says why it has none.

    None if it says so. Ready is left alone: what silence means is for others to judge.
    """
    before = decode(Node, obj).status.condition(_REACHABLE)
    if before is not None and (before.status, before.message) == ("False", error):
        return None
    was_away = before is not None and before.status == "False"
    since = before.last_transition_time if before is not None and was_away else None
    # Without a heartbeat: it is no sign of an agent's life.
    condition = {
        "type": _REACHABLE,
        "status": "False",
        "reason": "EngineUnavailable",
        "message": error,
        "lastTransitionTime": since or times.to_text(now),
        "lastHeartbeatTime": None,
    }
    return {"status": {"conditions": [condition]}}


def is_of_our_agent(obj: Object) -> bool:
    """Whether an agent of ours has registered this Node."""
    return _OUR_AGENT in decode(Node, obj).status.node_info.kubelet_version
