"""The pods part of the contract: sandboxes and containers.

Rules
- Each method makes as few calls of the engine as possible; between the end of a
  container and its next start nothing is requested that the start does not need.
- What an earlier run left half-done (a container with the name that is needed, a
  missing pause image) is cleaned up when it is encountered, not searched for.
"""

from collections.abc import Mapping
from math import ceil
from secrets import token_hex

import docker.errors

from supervisor.runtime.base import (
    ContainerConfig,
    EngineRefused,
    NotFound,
    ObservedPod,
    SandboxConfig,
)
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.images.pause import PauseImage
from supervisor.runtime.docker.pods import bodies
from supervisor.runtime.docker.pods.observe import Observer
from supervisor.runtime.docker.volumes import mounts
from supervisor.runtime.docker.volumes.files import Files, lacks
from supervisor.runtime.docker.volumes.host_files import HostFiles
from supervisor.runtime.docker.volumes.sub_paths import SubPaths
from supervisor.runtime.reach import Published, Reach

_NO_SUCH_ADDRESS = "cannot assign requested address"


class DockerPods:
    """Satisfies Pods. `owner` are the labels of what is ours, `network` is the Docker
    network of pods without the host's."""

    def __init__(
        self,
        client: EngineClient,
        owner: Mapping[str, str],
        *,
        network: str,
        reach: Reach,
        observer: Observer,
        pause: PauseImage,
        files: Files,
    ) -> None:
        self._client = client
        self._owner = owner
        self._network = network
        self._reach = reach
        self._observer = observer
        self._pause = pause
        self._files = files
        self._sub_paths = SubPaths(client)
        self._host_files = HostFiles(client, pause, owner)

    # -- observing
    def pods(self) -> Mapping[str, ObservedPod]:
        return self._observer.pods()

    def pod(self, uid: str) -> ObservedPod | None:
        return self._observer.pod(uid)

    # -- sandboxes
    def start_sandbox(self, config: SandboxConfig) -> str:
        with translated():
            body = bodies.sandbox(
                config,
                image=self._pause.name(),
                network=self._network,
                owner=self._owner,
                publish_at=self._publish_at(config),
            )
            name = bodies.name(config)
            try:
                sandbox_id = self._pause.with_image(lambda: self._create(name, body))
            except docker.errors.APIError as error:
                if refused := lacks(config.host_volumes, error):
                    raise refused from error
                raise
        try:
            self.start_container(sandbox_id)
        except BaseException as error:
            self.remove_sandbox(sandbox_id)
            if isinstance(error, EngineRefused):
                raise self._with_hint(error) from error
            raise
        return sandbox_id

    def _publish_at(self, config: SandboxConfig) -> str:
        """The host's address to publish ports at; empty to publish none."""
        if not isinstance(self._reach, Published) or not config.reached_ports:
            return ""
        return self._reach.bind_address()

    def _with_hint(self, error: EngineRefused) -> EngineRefused:
        if isinstance(self._reach, Published) and _NO_SUCH_ADDRESS in str(error):
            return EngineRefused(
                f"{error} (ports of pods are published there so that they can be "
                "reached; publishAddress must be an address of the engine's host)"
            )
        return error

    def remove_sandbox(self, sandbox_id: str) -> None:
        self.remove_container(sandbox_id)

    # -- containers
    def create_container(self, config: ContainerConfig) -> str:
        with translated():
            folders = self._sub_paths.find(config)
            labels = bodies.pod_labels(config, self._owner)
            mounted = self._files.mounts(config, folders, labels)
            body = bodies.container(config, owner=self._owner, mounts=mounted)
            container_id = self._create_with_files(bodies.name(config), body, config)
        try:
            self._files.check_types(container_id, config.mounts)
        except BaseException:
            self.remove_container(container_id)
            raise
        self._sub_paths.created(container_id, config, folders)
        return container_id

    def _create_with_files(
        self, name: str, body: bodies.Body, config: ContainerConfig
    ) -> str:
        """Create, making one missing file after the other."""
        may_lack = len(mounts.managed(config))
        on_host = sum(m.host_path_type == "FileOrCreate" for m in config.mounts)
        while True:
            try:
                return self._create(name, body)
            except docker.errors.APIError as error:
                if on_host and self._host_files.create_missing(config, error):
                    on_host -= 1
                    continue
                if refused := lacks(config.mounts, error):
                    raise refused from error
                if not may_lack or not self._files.make_missing(config, error):
                    raise
                may_lack -= 1

    def _create(self, name: str, body: bodies.Body) -> str:
        """Create under a name. A container of ours that has the name is removed unless
        it runs."""
        create = self._client.slow.create_container_from_config
        try:
            return str(create(body, name)["Id"])
        except docker.errors.APIError as error:
            if error.status_code != 409:
                raise
        try:
            holder = self._client.api.inspect_container(name)
        except docker.errors.NotFound:
            return str(create(body, name)["Id"])
        labels = holder["Config"]["Labels"] or {}
        is_ours = self._owner.items() <= labels.items()
        if is_ours and not holder["State"]["Running"]:
            self.remove_container(holder["Id"])
            return str(create(body, name)["Id"])
        return str(create(body, f"{name}_{token_hex(4)}")["Id"])

    def start_container(self, container_id: str) -> None:
        with translated(), self._sub_paths.starting(container_id):
            self._client.slow.start(container_id)

    def stop_container(self, container_id: str, grace_seconds: float) -> None:
        try:
            with translated():
                self._client.slow.stop(container_id, ceil(grace_seconds))
        except NotFound:
            return

    def kill_container(self, container_id: str) -> None:
        with translated():
            try:
                self._client.slow.kill(container_id)
            except docker.errors.APIError as error:
                # 404: it is gone; 409: it does not run.
                if error.status_code not in (404, 409):
                    raise

    def remove_container(self, container_id: str) -> None:
        self._sub_paths.forget(container_id)
        with translated():
            self._client.remove_container(container_id)
