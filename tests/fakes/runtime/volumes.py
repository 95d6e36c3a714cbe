"""The volumes part of the fake engine."""

from tests.fakes.runtime.state import FakeState


class FakeVolumes(FakeState):
    def remove_volumes(self, pod_uid: str) -> None:
        with self._lock:
            self._call("remove_volumes", pod_uid)
            for key in [k for k in self._held.volumes if k[0] == pod_uid]:
                del self._held.volumes[key]

    def termination_message(self, container_id: str, path: str, most: int) -> bytes:
        with self._lock:
            self._answer()
            return self._held.get(container_id).files.get(path, b"")[-most:]
