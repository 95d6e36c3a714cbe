"""A cluster whose nodes do what their agents would: start, end and remove pods."""

from collections.abc import Callable
from typing import Any

from supervisor.client.base import DeleteOptions
from supervisor.model import times
from supervisor.model.meta import Object
from tests.unit.controllers.hosts import Hosts

APP = {"app": "web"}
_MAX_ROUNDS = 100
FAST = (
    "replicaset",
    "deployment",
    "daemonset",
    "statefulset",
    "persistentvolume-binder",
    "job",
    "cronjob",
    "scheduler",
)
"""Rules of workloads that need no heartbeat of nodes."""


def template(image: str = "web:1", **spec: Any) -> Object:
    containers = [{"name": "c", "image": image}]
    return {"metadata": {"labels": APP}, "spec": {"containers": containers} | spec}


def workload(
    kind: str, name: str = "web", *, image: str = "web:1", **spec: Any
) -> Object:
    """A ReplicaSet, Deployment or DaemonSet of pods with label app=web."""
    selector = {"matchLabels": APP}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"selector": selector, "template": template(image)} | spec,
    }


class Living(Hosts):
    """`rules` are those that run; without the ones for lost nodes, hours pass fast."""

    def __init__(self, count: int = 3, *rules: str) -> None:
        super().__init__(count, *rules)
        self.grow_up()

    def live(self) -> None:
        """Have everything happen that happens without time going on."""
        for _ in range(_MAX_ROUNDS):
            self.settle()
            if not self.start_one() and not self.remove_one():
                return
        raise AssertionError("the cluster does not come to rest")

    def start_one(self) -> bool:
        """A pod that has a node begins to run and is ready; False if none waits."""
        pod = self._first(lambda p: p["status"].get("phase") == "Pending")
        if pod is None:
            return False
        self.run(pod)
        return True

    def remove_one(self) -> bool:
        """A pod that is being deleted is gone, if no finalizer holds it."""
        for pod in self.pods():
            meta = pod["metadata"]
            if "deletionTimestamp" not in meta:
                continue
            if pod["status"].get("phase") not in ("Succeeded", "Failed"):
                self.end(pod, 137)
            self.remove(pod)
            return not meta.get("finalizers")
        return False

    def remove(self, pod: Object) -> None:
        meta = pod["metadata"]
        options = DeleteOptions(grace_period_seconds=0, uid=meta["uid"])
        self.api.delete("pods", meta["name"], meta["namespace"], options)

    def _first(self, wanted: Callable[[Object], bool]) -> Object | None:
        for pod in self.pods():
            leaving = "deletionTimestamp" in pod["metadata"]
            if pod["spec"].get("nodeName") and not leaving and wanted(pod):
                return pod
        return None

    def run(self, pod: Object) -> None:
        now = times.to_text(self.clock.now())
        ready = {"type": "Ready", "status": "True", "lastTransitionTime": now}
        self.set_status(pod, phase="Running", startTime=now, conditions=[ready])

    def end(self, pod: Object, code: int) -> None:
        """The pod's container ends for good."""
        now = times.to_text(self.clock.now())
        ended = {"exitCode": code, "finishedAt": now}
        row = {"name": "c", "state": {"terminated": ended}}
        self.set_status(
            pod,
            phase="Failed" if code else "Succeeded",
            conditions=[{"type": "Ready", "status": "False"}],
            containerStatuses=[row],
        )

    def get(self, resource: str, name: str = "web") -> Object:
        return self.api.get(resource, name, "default")

    def change(self, resource: str, patch: Object, name: str = "web") -> None:
        self.api.patch(resource, name, "default", patch)

    def images(self) -> list[str]:
        """Of the pods that are not being deleted."""
        return sorted(
            pod["spec"]["containers"][0]["image"]
            for pod in self.pods()
            if "deletionTimestamp" not in pod["metadata"]
        )
