"""A namespace of a real daemon, with what tests do to pods and ask of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from supervisor.client.base import DeleteOptions, PatchType
from supervisor.client.rest import RestClient
from supervisor.model.meta import Object
from tests import checks
from tests.checks import eventually
from tests.daemon import Daemon


@dataclass(frozen=True)
class Lab:
    daemon: Daemon
    namespace: str

    @property
    def client(self) -> RestClient:
        return self.daemon.client

    # -- doing
    def make(self, resource: str, name: str, **fields: Any) -> Object:
        """Create an object that has no spec."""
        body = {"metadata": {"name": name}} | fields
        return self.client.create(resource, body, self.namespace)

    def run(self, name: str, *containers: Object, **spec: Any) -> str:
        """Create a pod; its name, so that it can be asked about."""
        manifest = checks.pod_manifest(name, *containers, **spec)
        self.client.create("pods", manifest, self.namespace)
        return name

    def finish(self, name: str, *containers: Object, **spec: Any) -> Object:
        """Run a pod to its end and answer it; it is not restarted."""
        self.run(name, *containers, **{"restartPolicy": "Never"} | spec)
        return self.until(name, is_over, "the pod is over")

    def output(self, name: str, *containers: Object, **spec: Any) -> str:
        """Run a pod to its end; what its first container has printed."""
        pod = self.finish(name, *containers, **spec)
        text = self.logs(name, containers[0]["name"])
        assert pod["status"]["phase"] == "Succeeded", f"{pod['status']}\n{text}"
        return text

    def delete(self, name: str, grace: int | None = None) -> None:
        self.client.delete(
            "pods", name, self.namespace, DeleteOptions(grace_period_seconds=grace)
        )

    def patch(self, name: str, patch: Object, resource: str = "pods") -> Object:
        return self.client.patch(
            resource, name, self.namespace, patch, PatchType.STRATEGIC
        )

    def exec(self, name: str, container: str, *command: str) -> tuple[int, str]:
        """The exit code and the output of a command in a container."""
        session = self.client.exec(
            name, self.namespace, container, command, stdin=False, tty=False
        )
        text = b""
        while piece := session.read():
            text += piece[1]
        return session.exit_code(), text.decode()

    # -- asking
    def pod(self, name: str) -> Object:
        return self.client.get("pods", name, self.namespace)

    def exists(self, name: str) -> bool:
        found = self.client.list("pods", self.namespace, fields=f"metadata.name={name}")
        return bool(found.items)

    def status(self, name: str, container: str) -> Object:
        return checks.status_of(self.client, self.namespace, name, container)

    def restarts(self, name: str, container: str) -> int:
        return int(self.status(name, container).get("restartCount", 0))

    def logs(self, name: str, container: str, **query: str) -> str:
        chosen = {"container": container} | query
        stream = self.client.logs(name, self.namespace, list(chosen.items()))
        return b"".join(stream).decode()

    def events(self, name: str) -> list[tuple[str, str]]:
        return checks.events(self.client, self.namespace, name)

    def instances(self, name: str, container: str) -> Sequence[Any]:
        """docker-py containers of one container of a pod, newest first."""
        return self.daemon.containers(**labels_of(self.namespace, name, container))

    def running(self, name: str, container: str) -> Any:
        """The docker-py container that runs; waits for it."""

        def found() -> Any:
            rows = self.instances(name, container)
            return next((c for c in rows if c.status == "running"), None)

        return eventually(found, what=f"{container} of {name} runs")

    # -- waiting
    def until(
        self,
        name: str,
        check: Callable[[Object], object],
        what: str = "",
        within: float = 60,
    ) -> Object:
        """The pod, as soon as `check` of it is true."""

        def found() -> Object | None:
            pod = self.pod(name)
            return pod if check(pod) else None

        try:
            pod = eventually(found, within=within, what=what or check.__name__)
        except AssertionError as error:
            status = self.pod(name).get("status")
            told = "\n".join(map(str, self.events(name)))
            raise AssertionError(f"{error}\n{status}\n{told}") from None
        assert pod is not None
        return pod

    def ready(self, name: str, within: float = 60) -> Object:
        return self.until(name, checks.is_ready, f"{name} is ready", within)

    def restarted(self, name: str, container: str, times: int = 1) -> Object:
        """The container's status once it runs after that many restarts."""
        pod = self.until(
            name,
            lambda p: (
                state_of(p, container).get("restartCount", 0) >= times
                and "running" in state_of(p, container)["state"]
            ),
            f"{container} runs after restart {times}",
        )
        return state_of(pod, container)

    def waiting(self, name: str, container: str, reason: str) -> Object:
        """The container's status once it waits for that reason."""
        pod = self.until(
            name,
            lambda p: reason_of(state_of(p, container)) == reason,
            f"{container} waits: {reason}",
        )
        return state_of(pod, container)

    def told(self, name: str, reason: str, part: str = "") -> str:
        """The message of an event of the pod, once there is one."""

        def found() -> str:
            rows = self.events(name)
            return next((m for r, m in rows if r == reason and part in m), "")

        return eventually(found, what=f"event {reason} of {name}: {part}")

    def gone(self, name: str, within: float = 60) -> None:
        """Waits until neither the API nor the engine has anything of the pod."""

        def left() -> bool:
            rows = self.daemon.containers(**labels_of(self.namespace, name))
            return bool(rows) or self.exists(name)

        eventually(lambda: not left(), within=within, what=f"{name} is gone")


def labels_of(namespace: str, pod: str, container: str = "") -> dict[str, str]:
    labels = {"io.kubernetes.pod.namespace": namespace, "io.kubernetes.pod.name": pod}
    return labels | ({"io.kubernetes.container.name": container} if container else {})


def is_over(pod: Object) -> bool:
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def state_of(pod: Object, container: str) -> Object:
    """The status of one container in a pod; empty while there is none."""
    status = pod.get("status", {})
    rows = [
        *status.get("containerStatuses", ()),
        *status.get("initContainerStatuses", ()),
    ]
    return next((r for r in rows if r["name"] == container), {})


def reason_of(status: Object) -> str:
    state = status.get("state", {})
    return str(state.get("waiting", state.get("terminated", {})).get("reason", ""))


def ended(status: Object) -> tuple[str, int]:
    """Reason and exit code of how a container has ended."""
    end = status["state"]["terminated"]
    return end["reason"], end["exitCode"]


def condition(pod: Object, kind: str) -> Object:
    rows = pod.get("status", {}).get("conditions", ())
    return next((c for c in rows if c["type"] == kind), {})
