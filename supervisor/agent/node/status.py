"""A node as its agent sees it: labels, capacity, conditions. Pure.

Follows pkg/kubelet/nodestatus/setters.go and pkg/kubelet/kubelet_node_status.go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from supervisor import __version__
from supervisor.model.images import listed
from supervisor.model.kinds import (
    ContainerImage,
    NodeAddress,
    NodeStatus,
    NodeSystemInfo,
)
from supervisor.model.meta import Condition, Object, encode
from supervisor.model.times import to_text
from supervisor.runtime.base import EngineInfo, Image

MAX_PODS = 110
KUBELET_VERSION = f"v1.32.0+supervisor-{__version__}"
_FINE = (
    (
        "MemoryPressure",
        "KubeletHasSufficientMemory",
        "kubelet has sufficient memory available",
    ),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
)
# Differs from Kubernetes: a kubelet that cannot reach anything cannot say why; ours is
# not on the host that was lost.
_REACHABLE = ("EngineReachable", "True", "EngineAnswers", "the engine answers")


@dataclass(frozen=True)
class NodeFacts:
    name: str
    address: str
    labels: Mapping[str, str] = field(default_factory=dict)
    """Further labels, from the configuration."""
    seccomp_folder: Path = Path("/var/lib/supervisor/seccomp")
    """Where profiles of type Localhost are."""


def node_labels(facts: NodeFacts, info: EngineInfo) -> dict[str, str]:
    return {
        "kubernetes.io/hostname": facts.name,
        "kubernetes.io/os": info.os,
        "kubernetes.io/arch": info.architecture,
        **facts.labels,
    }


def capacity(info: EngineInfo) -> dict[str, str]:
    return {
        "cpu": str(info.cpus),
        "memory": f"{info.memory_bytes // 1024}Ki",
        "pods": str(MAX_PODS),
    }


def ready_status(
    facts: NodeFacts,
    info: EngineInfo,
    images: Sequence[Image],
    before: Sequence[Condition],
    now: float,
) -> NodeStatus:
    """The status of a node whose engine answers."""
    ready = ("Ready", "True", "KubeletReady", "kubelet is posting ready status")
    rows = [(kind, "False", reason, text) for kind, reason, text in _FINE]
    rows.append(_REACHABLE)
    return NodeStatus(
        capacity=capacity(info),
        allocatable=capacity(info),
        conditions=_dated([*rows, ready], before, now),
        addresses=(
            NodeAddress("InternalIP", facts.address),
            NodeAddress("Hostname", facts.name),
        ),
        node_info=_system_info(info),
        images=listed(ContainerImage(tuple(i.names), i.size_bytes) for i in images),
    )


def not_ready_conditions(
    before: Sequence[Condition], error: str, now: float
) -> tuple[Condition, ...]:
    """The conditions of a node whose engine does not answer."""
    text = f"container runtime is down: {error}"
    rows = [(kind, "False", reason, said) for kind, reason, said in _FINE]
    ready = ("Ready", "False", "KubeletNotReady", text)
    return _dated([*rows, ready], before, now)


def reachable(before: Sequence[Condition], error: str, now: float) -> Condition:
    """Whether the engine can be reached; `error` is why not."""
    away = ("EngineReachable", "False", "EngineUnavailable", error)
    return _dated([away if error else _REACHABLE], before, now)[0]


def removal_held(
    before: Sequence[Condition], message: str, now: float
) -> Condition | None:
    """Whether pods are held; `message` says which. None where none ever were.

    Differs from Kubernetes: a kubelet removes whatever the API does not know.
    """
    if message:
        row = ("RemovalHeld", "True", "StoreDoesNotKnow", message)
    elif any(c.type == "RemovalHeld" for c in before):
        text = "the API knows every pod that runs here"
        row = ("RemovalHeld", "False", "StoreKnows", text)
    else:
        return None
    return _dated([row], before, now)[0]


def _system_info(info: EngineInfo) -> NodeSystemInfo:
    return NodeSystemInfo(
        machine_id=info.id,
        system_uuid=info.id,
        boot_id=info.id,
        kernel_version=info.kernel,
        os_image=info.operating_system,
        container_runtime_version=f"docker://{info.version}",
        kubelet_version=KUBELET_VERSION,
        kube_proxy_version=KUBELET_VERSION,
        operating_system=info.os,
        architecture=info.architecture,
    )


def _dated(
    rows: Sequence[tuple[str, str, str, str]],
    before: Sequence[Condition],
    now: float,
) -> tuple[Condition, ...]:
    """Conditions with the instants of their last change and of this look."""
    known = {c.type: c for c in before}
    found = []
    for kind, status, reason, message in rows:
        old = known.get(kind)
        same = old is not None and old.status == status
        since = old.last_transition_time if old is not None and same else None
        found.append(
            Condition(
                type=kind,
                status=status,
                reason=reason,
                message=message,
                last_heartbeat_time=to_text(now),
                last_transition_time=since or to_text(now),
            )
        )
    return tuple(found)


def node_json(status: NodeStatus) -> Object:
    return encode(status) | {"conditions": to_json(status.conditions)}


def to_json(rows: Sequence[Condition]) -> list[Object]:
    return [{"status": c.status} | encode(c) for c in rows]


def merged(before: Object, patch: Object) -> Object:
    """`before` after a strategic patch: conditions are merged by their type."""
    rows = {row["type"]: row for row in before.get("conditions") or []}
    rows |= {row["type"]: row for row in patch.get("conditions") or []}
    return before | patch | {"conditions": list(rows.values())}


def comparable(status: Object) -> Object:
    """A status without what changes at every look."""
    rows = [
        {k: v for k, v in row.items() if k != "lastHeartbeatTime"}
        for row in status.get("conditions") or []
    ]
    return status | {"conditions": rows}
