"""Notice nodes that have fallen silent, and put the taints on them that follow.

Rules
- All nodes are judged together, since the brake needs to see all of them, when one of
  them would fall silent. The renewed Lease of a node that does well only puts that off;
  when it came is noted. Nodes are read again only when one has changed, or when
  something is about to be written.
- A look that comes much later than it was due says that this process has slept, not the
  nodes: every heartbeat then counts as just heard.
- All that must outlive the process stands in the taints; heartbeats begin anew.

Follows pkg/controller/nodelifecycle/node_lifecycle_controller.go.
"""

import logging
import threading
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from supervisor.client.base import Client, PatchType, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.client.unreadable import UnreadableReporter
from supervisor.controllers.attempts import Attempts
from supervisor.controllers.base import EVERYTHING
from supervisor.controllers.nodes import quarantine
from supervisor.controllers.nodes.brake import Brake
from supervisor.controllers.nodes.health import (
    Heartbeat,
    Watched,
    observed,
    renewal,
    watched,
)
from supervisor.controllers.nodes.plan import NodePlan, Plan, plan
from supervisor.controllers.nodes.pod_readiness import PodReadiness
from supervisor.controllers.nodes.taints import is_marked_lost
from supervisor.kinds.identity import LEASE, NODE
from supervisor.machinery.clock import Clock
from supervisor.model.errors import ApiError
from supervisor.model.failover import Failover
from supervisor.model.meta import Object
from supervisor.model.system_namespaces import NODE_LEASE

LEASES = LEASE.resource
_SLEPT_SECONDS = 1.5
_log = logging.getLogger(__name__)


class NodeLifecycle:
    """The rule `node-lifecycle`."""

    name = "node-lifecycle"
    resources = (NODE.resource, LEASES)
    first_keys: tuple[str, ...] = ()

    def __init__(
        self,
        client: Client,
        clock: Clock,
        recorder: EventRecorder,
        failover: Failover,
    ) -> None:
        self._client = client
        self._clock = clock
        self._recorder = recorder
        self._telling = UnreadableReporter(client, self.name)
        self._failover = failover
        self._readiness = PodReadiness(client, recorder)
        self._started_at = clock.now()
        self._brake = Brake()
        #: The last heartbeat of each node.
        self._heartbeats: dict[str, Heartbeat] = {}
        #: When the last renewal of each Lease was heard of, and what it said.
        self._renewals: dict[str, tuple[str, float]] = {}
        #: Nodes that were fine at the last look. Replaced, never changed.
        self._fine: frozenset[str] = frozenset()
        #: When each node was lost, of late.
        self._losses: dict[str, tuple[float, ...]] = {}
        #: Nodes as last read, without what is not looked at.
        self._nodes: list[Object] = []
        self._nodes_changed = threading.Event()
        self._nodes_changed.set()
        #: When the next look is due.
        self._due_at: float | None = None

    def keys_for(self, event: WatchEvent) -> Iterable[str]:
        """Everything, by a change of a node or of a Lease that may mean something."""
        if event.object.get("kind") == NODE.kind:
            self._nodes_changed.set()
            return [EVERYTHING]
        meta = event.object["metadata"]
        if meta["namespace"] != NODE_LEASE:
            return []
        name, renewed = meta["name"], renewal(event.object)
        known = self._renewals.get(name)
        if known is None or known[0] < renewed:
            self._renewals[name] = (renewed, self._clock.now())
        is_fine = name in self._fine and event.type == "MODIFIED"
        return [] if is_fine else [EVERYTHING]

    def reconcile(self, _key: str) -> float | None:
        """Look at all nodes."""
        try:
            return self._look()
        except Exception:
            # What was read may be to blame: it is read again.
            self._nodes_changed.set()
            raise

    def _look(self) -> float | None:
        now = self._clock.now()
        if self._due_at is not None and now - self._due_at > _SLEPT_SECONDS:
            self._begin_anew(now)
        todo = self._plan(now)
        if todo.nodes:
            self._nodes_changed.set()
            todo = self._plan(now)
        self._brake = todo.brake
        for name in todo.newly_lost:
            self._losses[name] = (*self._losses.get(name, ()), now)
        self._due_at = todo.wake_at
        self._perform(todo, now)
        return todo.wake_at if self._nodes else None

    def _begin_anew(self, now: float) -> None:
        _log.warning("this daemon has slept: every node gets its whole grace again")
        self._heartbeats = {
            name: replace(heartbeat, changed_at=now)
            for name, heartbeat in self._heartbeats.items()
        }
        self._renewals = {}

    def _plan(self, now: float) -> Plan:
        if self._nodes_changed.is_set():
            self._nodes_changed.clear()
            self._read_nodes()
        listed = self._client.list(LEASES, NODE_LEASE).items
        leases = {lease["metadata"]["name"]: lease for lease in listed}
        nodes = [self._watched(node, leases, now) for node in self._nodes]
        todo = plan(
            nodes, self._brake, now, self._failover, started_at=self._started_at
        )
        written = {node.name for node in todo.nodes}
        self._fine = frozenset(
            node.name
            for node in nodes
            if node.status(now) == "True" and node.name not in written
            if not is_marked_lost(node.node) and not todo.brake.holds
        )
        return todo

    def _read_nodes(self) -> None:
        try:
            self._nodes = [_essence(n) for n in self._client.list(NODE.resource).items]
        except ApiError:
            self._nodes_changed.set()
            raise
        present = {node["metadata"]["name"] for node in self._nodes}
        known: tuple[dict[str, Any], ...]
        known = (self._heartbeats, self._losses, self._renewals)
        for facts in known:
            # A feed may add to one meanwhile.
            for name in tuple(facts):
                if name not in present:
                    facts.pop(name, None)
        self._readiness.keep_only(present)

    def _watched(self, node: Object, leases: dict[str, Object], now: float) -> Watched:
        name = node["metadata"]["name"]
        known = self._heartbeats.get(name)
        lease = leases.get(name)
        renewed, heard_at = self._renewals.get(name, ("", now))
        told = lease is not None and renewal(lease) == renewed
        renewed_at = heard_at if told else now
        heartbeat = observed(node, lease, known, now, renewed_at=renewed_at)
        self._heartbeats[name] = heartbeat
        losses = quarantine.recent(self._losses.get(name, ()), now)
        self._losses[name] = losses
        return watched(
            node,
            heartbeat,
            self._failover,
            started_at=self._started_at,
            losses=losses,
        )

    def _perform(self, todo: Plan, now: float) -> None:
        """Write all; what failed is raised at the end, to be tried again."""
        attempt = Attempts(self._telling, settled=(404,))
        for node in todo.nodes:
            self._nodes_changed.set()
            attempt(NODE.resource, node.node, partial(self._write, node))
        failed: ApiError | None = None
        try:
            self._readiness.take_from(todo.pods_not_ready, now)
        except ApiError as error:
            failed = error
        attempt.finish()
        if failed is not None:
            raise failed

    def _write(self, todo: NodePlan) -> None:
        # The version makes sure that no heartbeat came in between.
        version = todo.node["metadata"]["resourceVersion"]
        if todo.conditions:
            patch = {
                "metadata": {"resourceVersion": version},
                "status": {"conditions": list(todo.conditions)},
            }
            kind = PatchType.STRATEGIC
            written = self._client.patch(
                NODE.resource, todo.name, "", patch, kind, subresource="status"
            )
            version = written["metadata"]["resourceVersion"]
        if todo.taints is not None:
            body: Object = {
                "metadata": {"resourceVersion": version},
                "spec": {"taints": todo.taints or None},
            }
            self._client.patch(NODE.resource, todo.name, "", body)
        for event in todo.events:
            self._recorder.record(todo.node, event.type, event.reason, event.message)


def _essence(node: Object) -> Object:
    """What plans look at: nodes list their images, which are many."""
    meta = node["metadata"]
    kept = ("name", "uid", "resourceVersion")
    status = node.get("status") or {}
    return {
        **NODE.head,
        "metadata": {key: meta[key] for key in kept},
        "spec": node.get("spec") or {},
        "status": {"conditions": status.get("conditions") or []},
    }
