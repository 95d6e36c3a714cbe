"""A real daemon, and the Docker hosts of a lab that become its nodes."""

from contextlib import closing
from typing import Any

from supervisor.kinds.identity import ENGINE
from supervisor.model.meta import Object
from supervisor.runtime.base import CLAIM
from tests.checks import controller_manifest, eventually, shell
from tests.daemon import CLUSTER, Daemon
from tests.lab import Endpoint, Flaw, Lab

IMAGE = "supervisor/busybox"


class Fleet:
    """Nodes are called n1, n2, … after the lab's numbers."""

    def __init__(self, lab: Lab, daemon: Daemon) -> None:
        self.lab = lab
        self.daemon = daemon

    def close(self) -> None:
        """End the daemon, and remove its containers everywhere."""
        self.daemon.close()
        self.lab.restore()
        for number in self.lab.numbers():
            with closing(self.lab.endpoint(number).client()) as client:
                for entry in client.containers(all=True, filters=self._mine()):
                    client.remove_container(entry["Id"], force=True, v=True)

    def _mine(self) -> dict[str, str]:
        return {"label": f"{CLUSTER}={self.daemon.cluster}"}

    # -- the command
    def run(self, *argv: str) -> str:
        """The output of `supervisor node …`, which must succeed."""
        done = self.daemon.supervisor("node", *argv)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, *argv: str) -> str:
        """What `supervisor node …`, which must fail, says."""
        done = self.daemon.supervisor("node", *argv)
        assert done.returncode == 1, done.stdout
        return done.stderr

    def add(self, number: int, *options: str, flaw: Flaw = Flaw.NONE) -> str:
        return self.add_at(f"n{number}", self.lab.endpoint(number, flaw), *options)

    def add_at(self, name: str, endpoint: Endpoint, *options: str) -> str:
        assert endpoint.identity is not None
        tls = ("--tls-dir", str(endpoint.identity.folder))
        return self.run("add", name, endpoint.url, *tls, *options)

    # -- what there is
    def engine(self, name: str) -> Object:
        return self.daemon.client.get(ENGINE.resource, name)

    def phase(self, name: str) -> tuple[str, str]:
        status = self.engine(name).get("status") or {}
        return status.get("phase", ""), status.get("message", "")

    def says(self, name: str, phase: str, text: str = "", within: float = 30) -> None:
        """Wait until an Engine is in a phase, with a text in its message."""

        def is_so() -> bool:
            found = self.phase(name)
            return found[0] == phase and text in found[1]

        eventually(is_so, within=within, what=f"{name} {phase} {text}")

    def names(self, resource: str) -> list[str]:
        items = self.daemon.client.list(resource).items
        return sorted(item["metadata"]["name"] for item in items)

    def runs(self, node: str) -> bool:
        """Whether an agent of this process of the daemon has the node."""
        text = f"engine {node}: launch agent"
        return text in self.daemon.tail(1000).rpartition("the API answers at")[2]

    def ready(self, node: str) -> str:
        """The status of the condition Ready."""
        rows = self.daemon.client.get("nodes", node)["status"]["conditions"]
        return next(str(row["status"]) for row in rows if row["type"] == "Ready")

    def labels(self, node: str) -> dict[str, str]:
        found: dict[str, str]
        found = self.daemon.client.get("nodes", node)["metadata"]["labels"]
        return found

    def events(self, reason: str) -> list[str]:
        found = self.daemon.client.list("events", fields=f"reason={reason}").items
        return [event["message"] for event in found]

    def containers(self, number: int) -> list[Any]:
        """Of this daemon, on that host, dead ones too."""
        with closing(self.lab.endpoint(number).client()) as client:
            found: list[Any] = client.containers(all=True, filters=self._mine())
            return [row for row in found if CLAIM not in row["Labels"]]

    # -- pods
    def run_pods(self, replicas: int) -> None:
        """A ReplicationController whose pods all run."""
        container = shell("main", "trap exit TERM; while :; do sleep 0.1; done")
        body = controller_manifest("app", replicas, container)
        self.daemon.client.create("replicationcontrollers", body, "default")
        self.wait_pods(replicas)

    def wait_pods(self, replicas: int, *, away_from: str = "") -> None:
        def are_there() -> bool:
            pods = [p for p in self.pods() if p["spec"].get("nodeName") != away_from]
            return [self._runs(p) for p in pods].count(True) == replicas

        eventually(are_there, what=f"{replicas} pods that run")

    def pods(self) -> list[Object]:
        return self.daemon.client.list("pods", "default").items

    def _runs(self, pod: Object) -> bool:
        rows = (pod.get("status") or {}).get("conditions") or []
        ready = any(c["type"] == "Ready" and c["status"] == "True" for c in rows)
        return ready and "deletionTimestamp" not in pod["metadata"]

    def nodes_of_pods(self) -> list[str]:
        return sorted(pod["spec"].get("nodeName", "") for pod in self.pods())
