"""The volumes part of the contract."""

import docker.errors

from supervisor.runtime import base
from supervisor.runtime.base import VOLUME
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.pods.observe import Observer
from supervisor.runtime.docker.volumes.file_volumes import FileVolumes
from supervisor.runtime.docker.volumes.files import Files


class DockerVolumes:
    """Satisfies Volumes."""

    def __init__(
        self,
        client: EngineClient,
        observer: Observer,
        files: Files,
        file_volumes: FileVolumes,
    ) -> None:
        self._client = client
        self._observer = observer
        self._files = files
        self._file_volumes = file_volumes

    def write_files(
        self, sandbox_id: str, volume: str, files: base.Files, group: int | None
    ) -> bool:
        return self._file_volumes.write(sandbox_id, volume, files, group)

    def remove_volumes(self, pod_uid: str) -> None:
        with translated():
            for name in self._observer.volumes(pod_uid):
                try:
                    self._client.slow.remove_volume(name)
                except docker.errors.NotFound:
                    continue

    def remove_volume(self, name: str) -> None:
        with translated():
            try:
                found = self._client.api.inspect_volume(name)
                if (found.get("Labels") or {}).get(VOLUME) == name:
                    self._client.slow.remove_volume(name)
            except docker.errors.NotFound:
                return

    def termination_message(self, container_id: str, path: str, most: int) -> bytes:
        return self._files.read(container_id, path, most)
