"""The volumes part of the contract."""

import docker.errors

from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.pods.observe import Observer
from supervisor.runtime.docker.volumes.files import Files


class DockerVolumes:
    """Satisfies Volumes."""

    def __init__(self, client: EngineClient, observer: Observer, files: Files) -> None:
        self._client = client
        self._observer = observer
        self._files = files

    def remove_volumes(self, pod_uid: str) -> None:
        with translated():
            for name in self._observer.volumes(pod_uid):
                try:
                    self._client.slow.remove_volume(name)
                except docker.errors.NotFound:
                    continue

    def termination_message(self, container_id: str, path: str, most: int) -> bytes:
        return self._files.read(container_id, path, most)
