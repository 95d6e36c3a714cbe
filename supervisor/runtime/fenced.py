"""A runtime that changes pods only with permission.

Rules
- Reads go through. Each change of pods, volumes or the inventory first calls `check`,
  which raises what the caller gets instead.
- Images and what is done inside containers (exec, attach, connections) change no pod
  and go through.
"""

from collections.abc import Callable, Mapping, Sequence

from supervisor.runtime.base import (
    ContainerConfig,
    Files,
    Inventory,
    Labelled,
    ObservedPod,
    Pods,
    Runtime,
    SandboxConfig,
    Volumes,
)
from supervisor.runtime.composed import ComposedRuntime, Parts

Check = Callable[[], None]


def fenced(runtime: Runtime, check: Check) -> Runtime:
    return ComposedRuntime(
        Parts(
            connection=runtime,
            pods=FencedPods(runtime, check),
            volumes=FencedVolumes(runtime, check),
            images=runtime,
            streams=runtime,
            inventory=FencedInventory(runtime, check),
            meter=runtime,
        )
    )


class FencedPods:
    def __init__(self, pods: Pods, check: Check) -> None:
        self._pods = pods
        self._check = check

    def pods(self) -> Mapping[str, ObservedPod]:
        return self._pods.pods()

    def pod(self, uid: str) -> ObservedPod | None:
        return self._pods.pod(uid)

    def start_sandbox(self, config: SandboxConfig) -> str:
        self._check()
        return self._pods.start_sandbox(config)

    def remove_sandbox(self, sandbox_id: str) -> None:
        self._check()
        self._pods.remove_sandbox(sandbox_id)

    def create_container(self, config: ContainerConfig) -> str:
        self._check()
        return self._pods.create_container(config)

    def start_container(self, container_id: str) -> None:
        self._check()
        self._pods.start_container(container_id)

    def stop_container(self, container_id: str, grace_seconds: float) -> None:
        self._check()
        self._pods.stop_container(container_id, grace_seconds)

    def kill_container(self, container_id: str) -> None:
        self._check()
        self._pods.kill_container(container_id)

    def remove_container(self, container_id: str) -> None:
        self._check()
        self._pods.remove_container(container_id)


class FencedVolumes:
    def __init__(self, volumes: Volumes, check: Check) -> None:
        self._volumes = volumes
        self._check = check

    def write_files(
        self, sandbox_id: str, volume: str, files: Files, group: int | None
    ) -> bool:
        self._check()
        return self._volumes.write_files(sandbox_id, volume, files, group)

    def remove_volumes(self, pod_uid: str) -> None:
        self._check()
        self._volumes.remove_volumes(pod_uid)

    def remove_volume(self, name: str) -> None:
        self._check()
        self._volumes.remove_volume(name)

    def termination_message(self, container_id: str, path: str, most: int) -> bytes:
        return self._volumes.termination_message(container_id, path, most)


class FencedInventory:
    def __init__(self, inventory: Inventory, check: Check) -> None:
        self._inventory = inventory
        self._check = check

    def labelled(self) -> Sequence[Labelled]:
        return self._inventory.labelled()

    def remove_labelled(self, found: Labelled) -> None:
        self._check()
        self._inventory.remove_labelled(found)
