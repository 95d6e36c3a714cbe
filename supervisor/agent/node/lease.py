"""The Lease of a node, whose renewals are its heartbeat.

Rules
- It belongs to the Node object, and goes with it.
- A renewal writes only times and holder; whatever else stands there stays.

Follows staging/src/k8s.io/component-helpers/apimachinery/lease/controller.go.
"""

from math import ceil

from supervisor.client.base import Client
from supervisor.kinds.identity import LEASE, NAMESPACE, NODE
from supervisor.machinery.clock import Clock
from supervisor.model.errors import ApiError, is_absent_or_unreadable
from supervisor.model.failover import Failover
from supervisor.model.meta import Object
from supervisor.model.system_namespaces import NODE_LEASE
from supervisor.model.times import to_micro_text

_LEASES = LEASE.resource


class NodeLease:
    def __init__(
        self, node_name: str, client: Client, clock: Clock, failover: Failover
    ) -> None:
        self._name = node_name
        self._client = client
        self._clock = clock
        self._duration = max(1, ceil(failover.grace_seconds))

    def renew(self) -> bool:
        """False when the node has no Node object, and so no Lease."""
        spec = {
            "holderIdentity": self._name,
            "leaseDurationSeconds": self._duration,
            "renewTime": to_micro_text(self._clock.now()),
        }
        try:
            self._client.patch(_LEASES, self._name, NODE_LEASE, {"spec": spec})
        except ApiError as error:
            # A damaged one holds nothing that the next renewal does not say again.
            if not is_absent_or_unreadable(error):
                raise
            return self._create(spec)
        return True

    def _create(self, spec: Object) -> bool:
        try:
            node = self._client.get(NODE.resource, self._name)
        except ApiError as error:
            if error.code == 404:
                return False
            raise
        owner = {
            **NODE.head,
            "name": self._name,
            "uid": node["metadata"]["uid"],
        }
        body: Object = {
            **LEASE.head,
            "metadata": {
                "name": self._name,
                "namespace": NODE_LEASE,
                "ownerReferences": [owner],
            },
            "spec": spec,
        }
        try:
            self._client.create(_LEASES, body, NODE_LEASE)
        except ApiError as error:
            if error.code != 404:
                raise
            self._create_namespace()
            self._client.create(_LEASES, body, NODE_LEASE)
        return True

    def _create_namespace(self) -> None:
        meta = {"name": NODE_LEASE}
        body: Object = {**NAMESPACE.head, "metadata": meta}
        self._client.create(NAMESPACE.resource, body)
