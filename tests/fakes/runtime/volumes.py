"""The volumes part of the fake engine."""

from supervisor.runtime.base import Files, NotFound, SandboxConfig
from tests.fakes.runtime.state import FakeState


class FakeVolumes(FakeState):
    def write_files(
        self, sandbox_id: str, volume: str, files: Files, group: int | None
    ) -> bool:
        with self._lock:
            self._answer()
            config = self._held.running(sandbox_id).config
            assert isinstance(config, SandboxConfig)
            if volume not in config.file_volumes:
                raise NotFound(f"Could not find the file /volumes/{volume}")
            if self.volume_files.get((sandbox_id, volume)) == (files, group):
                return False
            self.calls.append(("write_files", volume, sorted(files)))
            self.volume_files[sandbox_id, volume] = files, group
            return True

    def remove_volumes(self, pod_uid: str) -> None:
        with self._lock:
            self._call("remove_volumes", pod_uid)
            for key in [k for k in self._held.volumes if k[0] == pod_uid]:
                del self._held.volumes[key]

    def remove_volume(self, name: str) -> None:
        with self._lock:
            self._call("remove_volume", name)
            self.docker_volumes.discard(name)

    def termination_message(self, container_id: str, path: str, most: int) -> bytes:
        with self._lock:
            self._answer()
            return self._held.get(container_id).files.get(path, b"")[-most:]
