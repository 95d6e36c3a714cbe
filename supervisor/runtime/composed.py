"""A Runtime put together from one implementation of each part of the contract."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from supervisor.model.streams import (
    ByteStream,
    ExecSession,
    ImageArchive,
    LogOptions,
    LogStream,
)
from supervisor.model.usage import Usage
from supervisor.runtime.base import (
    ContainerConfig,
    EngineClaims,
    EngineConnection,
    EngineInfo,
    EventStream,
    ExecResult,
    Files,
    Image,
    Images,
    Inventory,
    Labelled,
    Meter,
    ObservedPod,
    Pods,
    Pulse,
    SandboxConfig,
    Streams,
    Volumes,
)
from supervisor.runtime.reach import PodAddress, Reach


@dataclass(frozen=True)
class Parts:
    connection: EngineConnection
    pods: Pods
    volumes: Volumes
    images: Images
    streams: Streams
    inventory: Inventory
    meter: Meter


class ComposedRuntime:
    """Satisfies Runtime: each method is that of one part."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    # -- connection
    def info(self) -> EngineInfo:
        return self._parts.connection.info()

    def ping(self) -> None:
        self._parts.connection.ping()

    @property
    def reach(self) -> Reach:
        return self._parts.connection.reach

    @property
    def claims(self) -> EngineClaims:
        return self._parts.connection.claims

    def pulse(self) -> Pulse:
        return self._parts.connection.pulse()

    def events(self) -> EventStream:
        return self._parts.connection.events()

    def close(self) -> None:
        self._parts.connection.close()

    # -- pods
    def pods(self) -> Mapping[str, ObservedPod]:
        return self._parts.pods.pods()

    def pod(self, uid: str) -> ObservedPod | None:
        return self._parts.pods.pod(uid)

    def start_sandbox(self, config: SandboxConfig) -> str:
        return self._parts.pods.start_sandbox(config)

    def remove_sandbox(self, sandbox_id: str) -> None:
        self._parts.pods.remove_sandbox(sandbox_id)

    def create_container(self, config: ContainerConfig) -> str:
        return self._parts.pods.create_container(config)

    def start_container(self, container_id: str) -> None:
        self._parts.pods.start_container(container_id)

    def stop_container(self, container_id: str, grace_seconds: float) -> None:
        self._parts.pods.stop_container(container_id, grace_seconds)

    def kill_container(self, container_id: str) -> None:
        self._parts.pods.kill_container(container_id)

    def remove_container(self, container_id: str) -> None:
        self._parts.pods.remove_container(container_id)

    # -- volumes
    def write_files(
        self, sandbox_id: str, volume: str, files: Files, group: int | None
    ) -> bool:
        return self._parts.volumes.write_files(sandbox_id, volume, files, group)

    def remove_volumes(self, pod_uid: str) -> None:
        self._parts.volumes.remove_volumes(pod_uid)

    def remove_volume(self, name: str) -> None:
        self._parts.volumes.remove_volume(name)

    def termination_message(self, container_id: str, path: str, most: int) -> bytes:
        return self._parts.volumes.termination_message(container_id, path, most)

    # -- images
    def image(self, name: str) -> Image | None:
        return self._parts.images.image(name)

    def images(self) -> Sequence[Image]:
        return self._parts.images.images()

    def pull(self, name: str, progress: Callable[[str], None] | None = None) -> Image:
        return self._parts.images.pull(name, progress)

    def save_image(self, name: str) -> ImageArchive:
        return self._parts.images.save_image(name)

    def load_image(self, archive: Iterable[bytes]) -> None:
        self._parts.images.load_image(archive)

    # -- streams
    def exec(
        self, container_id: str, command: Sequence[str], *, timeout: float, limit: int
    ) -> ExecResult:
        return self._parts.streams.exec(
            container_id, command, timeout=timeout, limit=limit
        )

    def open_exec(
        self, container_id: str, command: Sequence[str], *, stdin: bool, tty: bool
    ) -> ExecSession:
        return self._parts.streams.open_exec(
            container_id, command, stdin=stdin, tty=tty
        )

    def open_attach(self, container_id: str, *, stdin: bool, tty: bool) -> ExecSession:
        return self._parts.streams.open_attach(container_id, stdin=stdin, tty=tty)

    def logs(self, container_id: str, options: LogOptions) -> LogStream:
        return self._parts.streams.logs(container_id, options)

    def dial(self, pod: PodAddress, port: int, timeout: float) -> ByteStream:
        return self._parts.streams.dial(pod, port, timeout)

    def dial_inside(self, sandbox_id: str, port: int) -> ByteStream:
        return self._parts.streams.dial_inside(sandbox_id, port)

    # -- inventory
    def labelled(self) -> Sequence[Labelled]:
        return self._parts.inventory.labelled()

    def remove_labelled(self, found: Labelled) -> None:
        self._parts.inventory.remove_labelled(found)

    # -- usage
    def container_usage(self, container_id: str) -> Usage:
        return self._parts.meter.container_usage(container_id)

    def machine_usage(self) -> Usage:
        return self._parts.meter.machine_usage()
