"""Keep the Node object and its Lease: that the node is there, and how it does.

Rules
- The Lease is renewed every 10 s; it says that the agent lives.
- The node's status is looked at as often, and written when it changed or after 5 min.
  It says Ready only while the engine answers.
- What others put on the node (taints, cordon, further labels) is left alone.

Follows pkg/kubelet/kubelet_node_status.go and component-helpers/apimachinery/lease.
"""

import logging

from supervisor.agent.node_status import (
    comparable,
    node_json,
    node_labels,
    not_ready_conditions,
    ready_status,
)
from supervisor.agent.site import Site
from supervisor.machinery.controller import Controller
from supervisor.model.errors import ApiError
from supervisor.model.kinds import Node
from supervisor.model.meta import Object, decode, encode
from supervisor.model.times import to_micro_text
from supervisor.runtime.base import RuntimeFailure

HEARTBEAT_SECONDS = 10.0
LEASE_SECONDS = 40
_REPORT_SECONDS = 300.0
_LEASES = "leases.coordination.k8s.io"
_LEASE_NAMESPACE = "kube-node-lease"
_log = logging.getLogger(__name__)


class NodeReporter:
    def __init__(self, site: Site) -> None:
        self._facts = site.node
        self._runtime = site.runtime
        self._client = site.client
        self._clock = site.clock
        self._health = site.health
        self._events = site.events
        #: When the node's status was last written.
        self._reported_at = 0.0
        self._announced = False
        self.controller: Controller[str] = Controller(
            "node", self._beat, site.clock, expected=(ApiError, RuntimeFailure)
        )

    def wake(self) -> None:
        """Look at the node now."""
        self.controller.wake(self._facts.name)

    def _beat(self, _: str) -> float | None:
        self.report()
        self.renew_lease()
        return self._clock.now() + HEARTBEAT_SECONDS

    def report(self) -> None:
        """Have the API's Node say how this node does now."""
        node = self._find()
        before = node.get("status") or {}
        status = self._status(node)
        now = self._clock.now()
        overdue = now - self._reported_at >= _REPORT_SECONDS
        if not overdue and comparable(before) == comparable(before | status):
            return
        name = self._facts.name
        # No resourceVersion: conditions of a node are the agent's own while it lives.
        self._client.patch("nodes", name, "", {"status": status}, subresource="status")
        self._reported_at = now
        self._announce(node, before, status)

    def _status(self, node: Object) -> Object:
        before = decode(Node, node).status.conditions
        now = self._clock.now()
        try:
            info = self._runtime.info()
            images = self._runtime.images()
        except RuntimeFailure as error:
            self._health.lost(error)
            rows = not_ready_conditions(before, str(error), now)
            return {"conditions": [{"status": c.status} | encode(c) for c in rows]}
        self._health.found()
        self._label(node, node_labels(self._facts, info))
        return node_json(ready_status(self._facts, info, images, before, now))

    def _find(self) -> Object:
        """The Node object, created if there is none."""
        name = self._facts.name
        try:
            return self._client.get("nodes", name)
        except ApiError as error:
            if error.code != 404:
                raise
        labels = {"kubernetes.io/hostname": name, **self._facts.labels}
        body: Object = {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": labels},
        }
        _log.info("registering node %s", name)
        return self._client.create("nodes", body)

    def _label(self, node: Object, wanted: dict[str, str]) -> None:
        labels = node["metadata"].get("labels") or {}
        if all(labels.get(k) == v for k, v in wanted.items()):
            return
        patch = {"metadata": {"labels": wanted}}
        self._client.patch("nodes", self._facts.name, "", patch)

    def _announce(self, node: Object, before: Object, status: Object) -> None:
        """Events for a node that has come, or whose readiness has changed."""
        if not self._announced:
            self._announced = True
            self._events.node(node, "Normal", "Starting", "Starting kubelet.")
        if _ready(before) == _ready(status):
            return
        reason = "NodeReady" if _ready(status) == "True" else "NodeNotReady"
        text = f"Node {self._facts.name} status is now: {reason}"
        self._events.node(node, "Normal", reason, text)

    # -- the lease
    def renew_lease(self) -> None:
        name, now = self._facts.name, to_micro_text(self._clock.now())
        patch = {"spec": {"holderIdentity": name, "renewTime": now}}
        try:
            self._client.patch(_LEASES, name, _LEASE_NAMESPACE, patch)
        except ApiError as error:
            if error.code != 404:
                raise
            self._create_lease(now)

    def _create_lease(self, now: str) -> None:
        body: Object = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": self._facts.name, "namespace": _LEASE_NAMESPACE},
            "spec": {
                "holderIdentity": self._facts.name,
                "leaseDurationSeconds": LEASE_SECONDS,
                "renewTime": now,
            },
        }
        try:
            self._client.create(_LEASES, body, _LEASE_NAMESPACE)
        except ApiError as error:
            if error.code != 404:
                raise
            namespace: Object = {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": _LEASE_NAMESPACE},
            }
            self._client.create("namespaces", namespace)
            self._client.create(_LEASES, body, _LEASE_NAMESPACE)


def _ready(status: Object) -> str:
    rows = status.get("conditions") or []
    return next((str(c.get("status")) for c in rows if c.get("type") == "Ready"), "")
