"""Notice nodes that have fallen silent.

Rules
- A heartbeat is a renewed Lease or a change of the node's own heartbeat times. It
  counts from when it was seen here, by this clock, so that the clocks of nodes do not
  matter; after a restart every node gets the whole grace again.
- A silent node's conditions become Unknown, and its pods are no longer ready. The agent
  of the node takes both back when it speaks again. Containers are never touched.
- What else follows from it, taints and eviction, is for other rules.

Follows pkg/controller/nodelifecycle/node_lifecycle_controller.go.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from supervisor.client.base import Client, PatchType, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.machinery.clock import Clock
from supervisor.model import times
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

GRACE_SECONDS = 50.0
STARTUP_GRACE_SECONDS = 60.0
LEASES = "leases.coordination.k8s.io"
LEASE_NAMESPACE = "kube-node-lease"
_HEALTH = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")


@dataclass(frozen=True)
class Heartbeat:
    """What was last seen of a node, and when it was seen to change."""

    seen: tuple[str, ...]
    changed_at: float


@dataclass(frozen=True)
class Plan:
    unknown: tuple[Object, ...] = ()
    """Conditions to write on the node; none while it is alive or marked already."""
    pods_not_ready: bool = False
    wake_at: float | None = None
    because: str = ""


def keys_for(event: WatchEvent) -> Iterable[str]:
    """The node, by its own change or that of its Lease or of a pod put on it."""
    meta = event.object["metadata"]
    if event.type == "DELETED":
        return []
    if event.object.get("kind") == "Lease":
        return [meta["name"]] if meta["namespace"] == LEASE_NAMESPACE else []
    return [meta["name"]]


def plan(
    node: Object, heartbeat: Heartbeat, now: float, *, grace_seconds: float
) -> Plan:
    """What a node's silence means at `now`."""
    conditions = _conditions(node)
    ready = next((c for c in conditions if c["type"] == "Ready"), None)
    grace = grace_seconds if ready else max(STARTUP_GRACE_SECONDS, grace_seconds)
    silent_at = heartbeat.changed_at + grace
    if now < silent_at:
        return Plan(wake_at=silent_at)
    because = f"no heartbeat for {now - heartbeat.changed_at:.0f} s"
    held = {condition["type"]: condition for condition in conditions}
    unknown = tuple(
        _unknown(type_, held.get(type_), now)
        for type_ in _HEALTH
        if held.get(type_, {}).get("status") != "Unknown"
    )
    return Plan(unknown, True, now + grace_seconds, because)


def _unknown(type_: str, held: Object | None, now: float) -> Object:
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


def observed(
    node: Object, lease: Object | None, known: Heartbeat | None, now: float
) -> Heartbeat:
    """The heartbeat as of `now`: unchanged when nothing new was seen."""
    renewed = str(((lease or {}).get("spec") or {}).get("renewTime", ""))
    beats = [str(c.get("lastHeartbeatTime", "")) for c in _conditions(node)]
    seen = (node["metadata"]["uid"], renewed, max(beats, default=""))
    if known is not None and known.seen == seen:
        return known
    return Heartbeat(seen, now)


def _conditions(node: Object) -> list[Object]:
    return (node.get("status") or {}).get("conditions") or []


class NodeLifecycle:
    """The rule `node-lifecycle`."""

    name = "node-lifecycle"
    resources = ("nodes", LEASES)
    first_keys: tuple[str, ...] = ()

    def __init__(
        self,
        client: Client,
        clock: Clock,
        recorder: EventRecorder,
        *,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._client = client
        self._clock = clock
        self._recorder = recorder
        self._grace_seconds = grace_seconds
        #: The last heartbeat of each node.
        self._heartbeats: dict[str, Heartbeat] = {}

    def keys_for(self, event: WatchEvent) -> Iterable[str]:
        return keys_for(event)

    def reconcile(self, key: str) -> float | None:
        """Look at one node."""
        node = self._read("nodes", key)
        if node is None:
            self._heartbeats.pop(key, None)
            return None
        lease = self._read(LEASES, key, LEASE_NAMESPACE)
        now = self._clock.now()
        heartbeat = observed(node, lease, self._heartbeats.get(key), now)
        self._heartbeats[key] = heartbeat
        todo = plan(node, heartbeat, now, grace_seconds=self._grace_seconds)
        if todo.unknown:
            self._mark_node(node, todo.unknown)
        if todo.pods_not_ready:
            self._mark_pods(key, now)
        return todo.wake_at

    def _read(self, resource: str, name: str, namespace: str = "") -> Object | None:
        try:
            return self._client.get(resource, name, namespace)
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    def _mark_node(self, node: Object, unknown: Sequence[Object]) -> None:
        meta = node["metadata"]
        # The version makes sure that no heartbeat came in between.
        patch = {
            "metadata": {"resourceVersion": meta["resourceVersion"]},
            "status": {"conditions": list(unknown)},
        }
        self._client.patch(
            "nodes", meta["name"], "", patch, PatchType.STRATEGIC, subresource="status"
        )
        text = f"Node {meta['name']} status is now: NodeNotReady"
        self._recorder.record(node, "Normal", "NodeNotReady", text)

    def _mark_pods(self, node: str, now: float) -> None:
        """Take readiness from the node's pods; their states stay as last reported."""
        for pod in self._client.list("pods", fields=f"spec.nodeName={node}").items:
            held = (pod.get("status") or {}).get("conditions") or []
            ready = next((c for c in held if c["type"] == "Ready"), None)
            if ready is None or ready["status"] == "False":
                continue
            changed = {"status": "False", "lastTransitionTime": times.to_text(now)}
            meta = pod["metadata"]
            try:
                self._client.patch(
                    "pods",
                    meta["name"],
                    meta["namespace"],
                    {
                        "metadata": {"uid": meta["uid"]},
                        "status": {"conditions": [ready | changed]},
                    },
                    PatchType.STRATEGIC,
                    subresource="status",
                )
            except ApiError as error:
                if error.code not in (404, 409):
                    raise
                continue
            self._recorder.record(pod, "Warning", "NodeNotReady", "Node is not ready")
