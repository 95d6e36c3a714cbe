"""What a Node object tells of the engine behind it. Pure."""

from dataclasses import dataclass

from supervisor.model import times
from supervisor.model.kinds import Node
from supervisor.model.meta import Object, decode

_RUNTIME_PREFIX = "docker://"
_MESSAGE_PREFIX = "container runtime is down: "
#: What the version of our own agents has in it.
_OUR_AGENT = "+supervisor-"


@dataclass(frozen=True)
class NodeView:
    is_ready: bool
    message: str
    """Why it is not ready."""
    heartbeat_at: float
    """When its agent last wrote its state; 0 for never."""
    engine_id: str
    version: str


def view(obj: Object) -> NodeView:
    status = decode(Node, obj).status
    ready = status.condition("Ready")
    beat = ready.last_heartbeat_time if ready is not None else None
    return NodeView(
        is_ready=ready is not None and ready.status == "True",
        message=ready.message.removeprefix(_MESSAGE_PREFIX) if ready else "",
        heartbeat_at=times.to_seconds(beat) if beat else 0.0,
        engine_id=status.node_info.machine_id,
        version=status.node_info.container_runtime_version.removeprefix(
            _RUNTIME_PREFIX
        ),
    )


def not_ready(obj: Object, error: str, now: float) -> Object | None:
    """The patch of the status that takes Ready from a Node; None if it has it not."""
    ready = decode(Node, obj).status.condition("Ready")
    if ready is None or ready.status != "True":
        return None
    condition = {
        "type": "Ready",
        "status": "False",
        "reason": "KubeletNotReady",
        "message": _MESSAGE_PREFIX + error,
        "lastHeartbeatTime": times.to_text(now),
        "lastTransitionTime": times.to_text(now),
    }
    return {"status": {"conditions": [condition]}}


def is_of_our_agent(obj: Object) -> bool:
    """Whether an agent of ours has registered this Node."""
    return _OUR_AGENT in decode(Node, obj).status.node_info.kubelet_version
