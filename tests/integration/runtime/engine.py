"""A pod on a real engine, as the tests of the Docker runtime want it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from supervisor.model.streams import LogOptions
from supervisor.runtime.base import ContainerConfig, ObservedContainer, SandboxConfig
from supervisor.runtime.docker.runtime import DockerRuntime
from tests.contract.runtime.lab import DockerLab, dead, newest


@dataclass
class Engine:
    """A runtime of a cluster of its own, and docker-py to look past it."""

    lab: DockerLab
    api: Any
    cluster: str

    @property
    def runtime(self) -> DockerRuntime:
        runtime = self.lab.runtime
        assert isinstance(runtime, DockerRuntime)
        return runtime

    def config(
        self, pod: SandboxConfig, sandbox_id: str, *command: str, **more: Any
    ) -> ContainerConfig:
        given: dict[str, Any] = {
            "name": "app",
            "attempt": 0,
            "image": self.lab.image,
        } | more
        return ContainerConfig(
            pod_uid=pod.pod_uid,
            pod_name=pod.pod_name,
            namespace=pod.namespace,
            sandbox_id=sandbox_id,
            command=command,
            **given,
        )

    def run(
        self, pod: SandboxConfig, sandbox_id: str, script: str, **more: Any
    ) -> tuple[ObservedContainer, str]:
        """Run a script to its end; the dead container, and what it has written."""
        made = self.start(pod, sandbox_id, ("sh", "-c", script), **more)
        ended = dead(self.lab, pod, str(more.get("name", "app")))
        assert ended.id == made
        return ended, self.logs(made)

    def start(
        self, pod: SandboxConfig, sandbox_id: str, command: Sequence[str], **more: Any
    ) -> str:
        config = self.config(pod, sandbox_id, *command, **more)
        made = self.runtime.create_container(config)
        self.runtime.start_container(made)
        return made

    def run_beside(self, script: str, mount: Any) -> None:
        """Run a script in a container that is none of the runtime's, with a mount."""
        body = {
            "Image": self.lab.image,
            "Entrypoint": ["sh", "-c", script],
            "Labels": {"supervisor.cluster": self.cluster},
            "HostConfig": {"Mounts": [mount]},
        }
        made = self.api.create_container_from_config(body)["Id"]
        try:
            self.api.start(made)
            assert self.api.wait(made)["StatusCode"] == 0
        finally:
            self.api.remove_container(made, force=True)

    def logs(self, container_id: str) -> str:
        return b"".join(self.runtime.logs(container_id, LogOptions())).decode()

    def inspect(self, pod: SandboxConfig, name: str = "app") -> Any:
        return self.api.inspect_container(newest(self.lab, pod, name).id)
