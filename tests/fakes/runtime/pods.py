"""The pods part of the fake engine."""

from collections.abc import Mapping

from supervisor.runtime.base import (
    BACKOFF_STEP,
    MIN_MEMORY_BYTES,
    ContainerConfig,
    EngineRefused,
    NotFound,
    ObservedPod,
    SandboxConfig,
)
from supervisor.runtime.reach import Published
from tests.fakes.runtime.containers import MESSAGES, Held, check_mounts
from tests.fakes.runtime.state import FakeState, Refusal, refusal, tagged


class FakePods(FakeState):
    def pods(self) -> Mapping[str, ObservedPod]:
        with self._lock:
            self._answer()
            uids = self._held.uids()
            return {uid: pod for uid in uids if (pod := self._held.pod(uid))}

    def pod(self, uid: str) -> ObservedPod | None:
        with self._lock:
            self._answer()
            return self._held.pod(uid)

    # -- sandboxes
    def start_sandbox(self, config: SandboxConfig) -> str:
        with self._lock:
            self._call("start_sandbox", config.pod_name, config.attempt)
            if error := self._start_error(config, "POD"):
                raise refusal(error)
            owner = (config.pod_name, config.namespace)
            for name in (
                MESSAGES,
                *config.volumes,
                *config.memory_volumes,
                *config.file_volumes,
            ):
                self._held.volumes[config.pod_uid, name] = owner
            made = (m.docker_volume for m in config.claimed_volumes)
            self.docker_volumes |= {v.name for v in made if v is not None}
            held = self._held.make("POD", config, image="pause", image_id="sha256:0")
            if isinstance(self.reach, Published) and not config.host_network:
                self._held.publish(held, config, self.reach.bind_address())
            self._held.start(held)
            return held.seen.id

    def remove_sandbox(self, sandbox_id: str) -> None:
        with self._lock:
            self._call("remove_sandbox", sandbox_id)
            self._remove(sandbox_id)

    # -- containers
    def create_container(self, config: ContainerConfig) -> str:
        with self._lock:
            step = config.labels.get(BACKOFF_STEP, "")
            self._call("create_container", config.name, config.attempt, step)
            if not (image := self._images.get(tagged(config.image))):
                raise NotFound(f"No such image: {tagged(config.image)}")
            if 0 < config.memory_bytes < MIN_MEMORY_BYTES:
                raise EngineRefused("Minimum memory limit allowed is 6MB")
            check_mounts(config, self._held.get(config.sandbox_id).config)
            made = {"image": config.image, "image_id": image.id}
            return self._held.make(config.name, config, **made).seen.id

    def start_container(self, container_id: str) -> None:
        with self._lock:
            self._call("start_container", container_id)
            held = self._held.get(container_id)
            if held.runs:
                return
            error = self._start_error(held.config, held.seen.name)
            if not self._held.get(held.seen.sandbox_id).runs:
                error = "cannot join network of a non running container"
            if error:
                self._held.refuse(held, str(error))
                raise refusal(error)
            self._held.start(held)

    def stop_container(self, container_id: str, grace_seconds: float) -> None:
        with self._lock:
            self._call("stop_container", container_id, grace_seconds)
            held = self._held.by_id.get(container_id)
            if held and held.runs:
                self._held.die(held, self._stop_code(held))

    def kill_container(self, container_id: str) -> None:
        with self._lock:
            self._call("kill_container", container_id)
            held = self._held.by_id.get(container_id)
            if held and held.runs:
                self._held.die(held, 137)

    def remove_container(self, container_id: str) -> None:
        with self._lock:
            self._call("remove_container", container_id)
            self._remove(container_id)

    # -- what tests have it answer
    def _start_error(
        self, config: ContainerConfig | SandboxConfig, name: str
    ) -> Refusal:
        pods = (config.pod_name, config.pod_uid)
        return next((e for p in pods if (e := self._start_errors.get((p, name)))), "")

    def _stop_code(self, held: Held) -> int:
        by_uid = self._stop_codes.get((held.config.pod_uid, held.seen.name), 137)
        return self._stop_codes.get((held.config.pod_name, held.seen.name), by_uid)
