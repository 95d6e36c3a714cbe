"""Three Docker hosts under a daemon: what tests do to them, and what they look at.

What is claimed of pods is looked up in the API and on the engines, at each engine's own
socket, which answers also when its host is cut off from everyone.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

from supervisor.client.base import DeleteOptions
from supervisor.kinds.identity import ENGINE
from supervisor.model.meta import Object
from supervisor.runtime.base import (
    CLAIM,
    CLUSTER,
    CONTAINER_NAME,
    POD_NAME,
    POD_UID,
)
from tests.checks import controller_manifest, eventually, is_ready, pod_manifest, shell
from tests.daemon import Daemon
from tests.lab import Endpoint, Lab

IMAGE = "supervisor/busybox"
FAST = {"heartbeatSeconds": 0.8, "graceSeconds": 2.5, "tolerationSeconds": 0}
"""The values of configs/supervisor-fast.yaml."""
NODE_NUMBERS = (1, 2, 3)
_FOREVER = "trap exit TERM; while :; do sleep 0.1; done"
_KEYS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def container() -> Object:
    return shell("main", _FOREVER)


def tolerations(seconds: int) -> list[Object]:
    """Of a pod that stays bound to a lost node for so long."""
    row = {"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": seconds}
    return [{"key": key} | row for key in _KEYS]


class World:
    """Nodes are called n1, n2, n3 after the lab's numbers; pods are in `default`."""

    def __init__(self, lab: Lab, daemon: Daemon) -> None:
        self.lab = lab
        self.daemon = daemon
        #: Nodes that a test has seen lost, or that are not as they were made.
        self._scarred: set[int] = set()

    # -- before and after a test
    def join(self) -> None:
        """Make nodes of all hosts that are none."""
        there = {node["metadata"]["name"] for node in self.nodes()}
        missing = [n for n in NODE_NUMBERS if f"n{n}" not in there]
        self._each(missing, self.add)

    def clear(self) -> None:
        """End all faults and pods; nodes that were lost are removed, and forgotten."""
        self.lab.restore()
        client, now = self.daemon.client, DeleteOptions(grace_period_seconds=0)
        client.delete_collection("replicationcontrollers", "default")
        client.delete_collection("pods", "default", options=now)
        self.engines_hold(set())
        told = {n for n in NODE_NUMBERS if self.events("NodeNotReady", f"n{n}")}
        there = {node["metadata"]["name"] for node in self.nodes()}
        scarred = [n for n in self._scarred | told if f"n{n}" in there]
        self._each(scarred, self.remove)
        self._scarred.clear()
        client.delete_collection("events", "default")

    def leave(self) -> None:
        self._each(NODE_NUMBERS, self.remove)

    def _each(self, numbers: Sequence[int], verb: Any) -> None:
        with ThreadPoolExecutor(len(NODE_NUMBERS)) as pool:
            list(pool.map(verb, numbers))

    def add(self, number: int, endpoint: Endpoint | None = None) -> None:
        """Returns when the node is Ready."""
        endpoint = endpoint or self.lab.endpoint(number)
        assert endpoint.identity is not None
        argv = ("add", f"n{number}", endpoint.url, "--wait")
        tls = ("--tls-dir", str(endpoint.identity.folder))
        done = self.daemon.supervisor("node", *argv, *tls)
        assert done.returncode == 0, done.stdout + done.stderr

    def remove(self, number: int) -> None:
        """Returns when the node, and all of ours on its engine, is gone."""
        done = self.daemon.supervisor("node", "remove", f"n{number}")
        assert done.returncode == 0, done.stdout + done.stderr

    def through_relay(self, number: int, *, clock: int = 0) -> Any:
        """Reach the engine, whose clock is off by `clock` seconds, through a relay.

        Until `clear`.
        """
        self.remove(number)
        self._scarred.add(number)
        relay = self.lab.relay(number)
        relay.shift_clock(clock)
        self.add(number, relay.endpoint())
        return relay

    # -- nodes
    def nodes(self) -> list[Object]:
        return self.daemon.client.list("nodes").items

    def condition(self, number: int, kind: str = "Ready") -> str:
        return self.condition_of(f"n{number}", kind)

    def condition_of(self, name: str, kind: str = "Ready") -> str:
        node = self.daemon.client.get("nodes", name)
        rows = node["status"].get("conditions") or []
        return next((str(c["status"]) for c in rows if c["type"] == kind), "")

    def is_lost(self, number: int) -> None:
        self._scarred.add(number)
        eventually(
            lambda: self.condition(number) in ("Unknown", "False"),
            within=30,
            what=f"n{number} is lost",
        )

    def is_back(self, number: int) -> None:
        eventually(
            lambda: self.condition(number) == "True",
            within=30,
            what=f"n{number} is back",
        )

    def taints(self, number: int) -> set[str]:
        node = self.daemon.client.get("nodes", f"n{number}")
        return {taint["key"] for taint in node["spec"].get("taints") or []}

    def events(self, reason: str, name: str = "") -> list[Object]:
        """Of that reason, and of the object with that name if one is given."""
        fields = f"reason={reason}"
        if name:
            fields += f",involvedObject.name={name}"
        return self.daemon.client.list("events", fields=fields).items

    def engine_says(self, name: str) -> str:
        """Phase and message of the Engine."""
        status = self.daemon.client.get(ENGINE.resource, name).get("status") or {}
        return f"{status.get('phase', '')}: {status.get('message', '')}"

    # -- pods, as the API has them
    def controller(self, replicas: int, **spec: Any) -> list[Object]:
        """A ReplicationController whose pods all run; the pods."""
        body = controller_manifest("app", replicas, container())
        body["spec"]["template"]["spec"] |= spec
        self.daemon.client.create("replicationcontrollers", body, "default")
        return self.exact(replicas)

    def lone(self, name: str, number: int) -> Object:
        """A pod on that node that nobody looks after, running."""
        body = pod_manifest(name, container(), nodeName=f"n{number}")
        created = self.daemon.client.create("pods", body, "default")
        eventually(lambda: is_ready(self.pod(name)), what=f"{name} runs")
        return created

    def pod(self, name: str) -> Object:
        return self.daemon.client.get("pods", name, "default")

    def pods(self) -> list[Object]:
        return self.daemon.client.list("pods", "default").items

    def names(self) -> set[str]:
        return {pod["metadata"]["name"] for pod in self.pods()}

    def wanted(self) -> list[Object]:
        """Those of the controller that are not being deleted."""
        return [
            pod
            for pod in self.pods()
            if "deletionTimestamp" not in pod["metadata"]
            and pod["metadata"]["labels"]["app"] == "app"
        ]

    def runs_elsewhere(self, number: int, replicas: int) -> list[Object]:
        """Wait until the replicas run, none of them on that node."""

        def found() -> list[Object]:
            pods = self.wanted()
            away = all(p["spec"].get("nodeName") != f"n{number}" for p in pods)
            return pods if away and self._all_ready(pods, replicas) else []

        return eventually(found, within=40, what=f"{replicas} replicas not on {number}")

    def exact(self, replicas: int) -> list[Object]:
        """Wait until the API has the replicas and no other pod, and so the engines."""

        def found() -> list[Object]:
            pods = self.pods()
            return pods if self._all_ready(pods, replicas) else []

        pods = eventually(found, within=40, what=f"exactly {replicas} pods")
        self.engines_hold({uid_of(pod) for pod in pods})
        return pods

    def _all_ready(self, pods: list[Object], replicas: int) -> bool:
        alive = all("deletionTimestamp" not in pod["metadata"] for pod in pods)
        return alive and len(pods) == replicas and all(map(is_ready, pods))

    # -- containers, as the engines have them
    def containers(self, number: int) -> list[Any]:
        """Of pods of this daemon on that host, sandboxes and dead ones too."""
        wanted = {"label": f"{CLUSTER}={self.daemon.cluster}"}
        with closing(self.inside(number)) as client:
            found: list[Any] = client.containers(all=True, filters=wanted)
            return [row for row in found if CLAIM not in row["Labels"]]

    def inside(self, number: int) -> Any:
        """A Docker client at the engine's own socket."""
        return self.lab.node(number).inner_endpoint().client()

    def running(self, number: int) -> dict[str, str]:
        """Id of each container `main` that runs, by the pod's name."""
        return {
            row["Labels"][POD_NAME]: row["Id"]
            for row in self.containers(number)
            if row["Labels"].get(CONTAINER_NAME) == "main" and row["State"] == "running"
        }

    def all_running(self) -> dict[str, str]:
        return {k: v for n in NODE_NUMBERS for k, v in self.running(n).items()}

    def engines_hold(self, uids: set[str]) -> None:
        """Wait until each pod has one running container, and nobody else has any."""

        def holds() -> bool:
            rows = [row for n in NODE_NUMBERS for row in self.containers(n)]
            of_pods = [row["Labels"][POD_UID] for row in rows]
            mains = [r for r in rows if r["Labels"].get(CONTAINER_NAME) == "main"]
            alive = [r["Labels"][POD_UID] for r in mains if r["State"] == "running"]
            return set(of_pods) == uids and sorted(alive) == sorted(uids)

        eventually(holds, within=40, what=f"the engines have {len(uids)} pods exactly")


def uid_of(pod: Object) -> str:
    return str(pod["metadata"]["uid"])


def restarts(pod: Object) -> int:
    return int(pod["status"]["containerStatuses"][0]["restartCount"])
