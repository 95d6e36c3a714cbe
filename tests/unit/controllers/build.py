"""Objects for tests of controllers: short to write, complete enough to decide on."""

from typing import Any

from supervisor.model import times
from supervisor.model.kinds import Node, ReplicationController
from supervisor.model.meta import Object, decode
from supervisor.model.pod import Pod
from tests.fakes.clock import START

OWNER_UID = "uid-of-kubia"
LABELS = {"app": "kubia"}


def owner(uid: str = OWNER_UID, name: str = "kubia") -> Object:
    """A controller's entry in ownerReferences."""
    return {
        "apiVersion": "v1",
        "kind": "ReplicationController",
        "name": name,
        "uid": uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def pod_object(
    name: str,
    *,
    labels: dict[str, str] | None = None,
    owned_by: str | None = OWNER_UID,
    node: str = "node",
    phase: str = "Running",
    ready_at: float | None = None,
    restarts: int = 0,
    cost: str | None = None,
    created_at: float = START - 1000,
    deleting: bool = False,
    **spec: Any,
) -> Object:
    """A pod of controller kubia that runs; `ready_at` makes it ready since then."""
    meta: Object = {
        "name": name,
        "namespace": "default",
        "uid": f"uid-{name}",
        "labels": LABELS if labels is None else labels,
        "creationTimestamp": times.to_text(created_at),
        "ownerReferences": [owner(owned_by)] if owned_by else [],
    }
    if cost is not None:
        key = "controller.kubernetes.io/pod-deletion-cost"
        meta["annotations"] = {key: cost}
    if deleting:
        meta["deletionTimestamp"] = times.to_text(START)
    ready = {"type": "Ready", "status": "False" if ready_at is None else "True"}
    if ready_at is not None:
        ready["lastTransitionTime"] = times.to_text(ready_at)
    status = {
        "phase": phase,
        "conditions": [ready],
        "containerStatuses": [{"name": "app", "restartCount": restarts}],
    }
    spec = {"containers": [{"name": "app"}], "nodeName": node} | spec
    kind = {"apiVersion": "v1", "kind": "Pod"}
    return kind | {"metadata": meta, "spec": spec, "status": status}


def pod(name: str, **what: Any) -> Pod:
    return decode(Pod, pod_object(name, **what))


def waiting(name: str, **what: Any) -> Pod:
    """A pod that has no node yet."""
    return pod(name, **({"node": "", "phase": "Pending"} | what))


def requesting(**requests: str) -> Any:
    """Containers of a pod that request this much."""
    return [{"name": "app", "resources": {"requests": requests}}]


def rc_object(
    replicas: int = 3,
    *,
    name: str = "kubia",
    selector: dict[str, str] | None = None,
    min_ready_seconds: int = 0,
    **meta: Any,
) -> Object:
    labels = LABELS if selector is None else selector
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "app", "image": "luksa/kubia"}]},
    }
    spec = {"replicas": replicas, "selector": labels, "template": template}
    if min_ready_seconds:
        spec["minReadySeconds"] = min_ready_seconds
    metadata = {"name": name, "namespace": "default", "uid": OWNER_UID} | meta
    kind = {"apiVersion": "v1", "kind": "ReplicationController"}
    return kind | {"metadata": metadata, "spec": spec}


def rc(replicas: int = 3, **what: Any) -> ReplicationController:
    return decode(ReplicationController, rc_object(replicas, **what))


def node_object(
    name: str,
    *,
    cpu: str = "4",
    memory: str = "8Gi",
    pods: str = "110",
    ready: str = "True",
    labels: dict[str, str] | None = None,
    **spec: Any,
) -> Object:
    beat = times.to_text(START)
    condition = {"type": "Ready", "status": ready, "lastHeartbeatTime": beat}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "uid": f"uid-{name}", "labels": labels or {}},
        "spec": spec,
        "status": {
            "allocatable": {"cpu": cpu, "memory": memory, "pods": pods},
            "conditions": [condition],
        },
    }


def node(name: str, **what: Any) -> Node:
    return decode(Node, node_object(name, **what))
