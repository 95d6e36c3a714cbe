"""Nodes that live, fall silent and come back, beneath the real controllers."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from supervisor.client.base import DeleteOptions
from supervisor.controllers.all import Settings
from supervisor.controllers.nodes.lifecycle import LEASES
from supervisor.model import times
from supervisor.model.failover import Failover
from supervisor.model.meta import Object
from supervisor.model.system_namespaces import NODE_LEASE
from tests.unit.controllers.build import node_object, pod_object, rc_object
from tests.unit.controllers.cluster import Cluster

PERIOD = 2.0


class Hosts(Cluster):
    """Nodes `one`, `two`, …; those in `alive` beat whenever time goes on."""

    NAMES = ("one", "two", "three", "four", "five")

    def __init__(self, count: int, *rules: str, failover: Failover | None = None):
        settings = Settings(failover=failover or Failover())
        super().__init__(*rules, settings=settings)
        self.names = self.NAMES[:count]
        self.alive = set(self.names)
        for name in self.names:
            self.create("nodes", node_object(name))
            lease: Object = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}
            meta = {"name": name, "namespace": NODE_LEASE}
            spec = {"holderIdentity": name, "renewTime": self._micro()}
            self.api.create(LEASES, lease | {"metadata": meta, "spec": spec})
        self.settle()

    def pass_time(self, seconds: float) -> None:
        """Let time pass, with a heartbeat of each living node every two seconds."""
        whole, rest = divmod(seconds, PERIOD)
        for _ in range(int(whole)):
            self.advance(PERIOD)
            self.beat()
        self.advance(rest)

    def grow_up(self) -> None:
        """Get over the first seconds, in which nothing is held against a node."""
        self.pass_time(14)

    def beat(self, *names: str) -> None:
        """What an agent does whose engine answers."""
        for name in names or sorted(self.alive):
            spec = {"spec": {"renewTime": self._micro()}}
            self.api.patch(LEASES, name, NODE_LEASE, spec)
            if self.ready(name) != "True":
                self.post(name, "True")
        self.settle()

    def post(self, name: str, status: str) -> None:
        """What an agent says of its node."""
        node = self.api.get("nodes", name)
        rows = [c for c in node["status"].get("conditions", ()) if c["type"] != "Ready"]
        now = times.to_text(self.clock.now())
        said = {"type": "Ready", "status": status, "lastHeartbeatTime": now}
        patch = {"status": {"conditions": [*rows, said]}}
        self.api.patch("nodes", name, "", patch, subresource="status")
        self.settle()

    def lose(self, *names: str) -> None:
        self.alive -= set(names)

    def find(self, *names: str) -> None:
        self.alive |= set(names)
        self.beat(*names)

    def run_pod(self, name: str, node: str, **what: Any) -> None:
        """A pod on a node, ready."""
        made = pod_object(name, owned_by=None, node=node, **what)
        made["spec"]["containers"][0]["image"] = "x"
        condition = {"type": "Ready", "status": "True"}
        pod = self.create("pods", made)
        self.set_status(pod, phase="Running", conditions=[condition])
        self.settle()

    def run_rc(self, replicas: int) -> None:
        """A ReplicationController, whose pods run as soon as they have a node."""
        self.create("replicationcontrollers", rc_object(replicas))
        self.settle()

    def remove_containers_of(self, node: str) -> None:
        """What the agent of a node does that is back: it confirms deletions."""
        for pod in self.pods():
            meta = pod["metadata"]
            if "deletionTimestamp" in meta and pod["spec"]["nodeName"] == node:
                options = DeleteOptions(grace_period_seconds=0, uid=meta["uid"])
                self.api.delete("pods", meta["name"], meta["namespace"], options)
        self.settle()

    # -- looking
    def where(self) -> dict[str, int]:
        """How many pods that are not being deleted each node has."""
        active = [p for p in self.pods() if "deletionTimestamp" not in p["metadata"]]
        return dict(Counter(p["spec"].get("nodeName", "") for p in active))

    def condition(self, name: str, type_: str) -> Object:
        rows: Iterable[Object] = self.api.get("nodes", name)["status"]["conditions"]
        return next((c for c in rows if c["type"] == type_), {})

    def ready(self, name: str) -> str:
        return str(self.condition(name, "Ready").get("status"))

    def pod_ready(self, name: str) -> str:
        rows = self.api.get("pods", name, "default")["status"]["conditions"]
        return next(str(c["status"]) for c in rows if c["type"] == "Ready")

    def taints(self, name: str) -> list[str]:
        found = self.api.get("nodes", name)["spec"].get("taints", [])
        return [f"{t['key'].rpartition('/')[2]}:{t['effect']}" for t in found]

    def _micro(self) -> str:
        return times.to_micro_text(self.clock.now())
