"""A container engine in memory: `supervisor.runtime.base.Runtime` without Docker.

Rules
- It does nothing by itself: containers end when a test says so, or when stopped.
- It may do only what tests/contract/runtime proves of the real engine.
- Time is the given clock's. Nothing blocks but streams that are read.

Controls for tests name containers as (pod, container), where `pod` is the pod's name or
uid, and the container is the newest one of that name; `POD` is the sandbox.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from supervisor.model.streams import (
    ByteStream,
    ExecSession,
    ImageArchive,
    LogOptions,
    LogStream,
)
from supervisor.runtime.base import (
    BACKOFF_STEP,
    MIN_MEMORY_BYTES,
    ContainerConfig,
    EngineInfo,
    EngineRefused,
    EngineUnavailable,
    EventStream,
    ExecResult,
    Image,
    ImagePullFailed,
    NotFound,
    ObservedPod,
    Pulse,
    SandboxConfig,
)
from supervisor.runtime.inventory import Labelled, Whose
from supervisor.runtime.published import Published
from supervisor.runtime.reach import Direct, PodAddress, Reach
from tests.fakes.runtime_claims import FakeClaims, parts
from tests.fakes.runtime_containers import (
    MESSAGES,
    Containers,
    Held,
    Now,
    Refusal,
    check_mounts,
    refusal,
)
from tests.fakes.runtime_controls import Controls
from tests.fakes.runtime_images import FakeArchive, tagged, unpacked
from tests.fakes.runtime_info import INFO
from tests.fakes.runtime_streams import (
    FakeExec,
    FakeLogs,
    FakePulse,
    Program,
    refuse_connection,
)


class FakeRuntime(Controls):
    def __init__(self, clock: Now, *, cluster: str = "test", node: str = "node-1"):
        self._clock = clock
        self._held = Containers(clock, cluster, node)
        self._owner = (cluster, node)
        self._lock = self._held.changed
        self._unavailable = False
        self._start_errors: dict[tuple[str, str], Refusal] = {}
        self._stop_codes: dict[tuple[str, str], int] = {}
        self._pull_errors: dict[str, str] = {}
        self._images: dict[str, Image] = {}
        self._programs: dict[tuple[str, ...], Program] = {}
        self.registry: set[str] = set()
        """Images that `pull` finds, besides those that are here already."""
        self.calls: list[tuple[Any, ...]] = []
        """Every effect asked for, as (method, …), in order."""
        self.listening: Callable[[str, int], ByteStream] = refuse_connection
        """What `dial` answers at the end of a way: to a host and a port there."""
        self.reach: Reach = Direct()
        """Set to `Published`, sandboxes publish the ports that have to be reached."""
        self.claims = FakeClaims(clock)
        self.others: list[Labelled] = []
        """What carries labels and is no part of a pod, or is not ours."""
        self.in_use: set[str] = set()  # ids of those that cannot be removed
        self.keeps_info = False
        """Whether `info` gets no answer: dockerd is looking up a silent registry."""

    # -- the engine
    def info(self) -> EngineInfo:
        self._answer()
        if self.keeps_info:
            raise EngineUnavailable("no answer in time")
        return INFO

    def ping(self) -> None:
        self._answer()

    def pulse(self) -> Pulse:
        return FakePulse(self._answer)

    def events(self) -> EventStream:
        with self._lock:
            self._answer()
            return self._held.listen()

    def close(self) -> None:
        with self._lock:
            self._held.end_streams(None)

    # -- what there is
    def pods(self) -> Mapping[str, ObservedPod]:
        with self._lock:
            self._answer()
            uids = self._held.uids()
            return {uid: pod for uid in uids if (pod := self._held.pod(uid))}

    def pod(self, uid: str) -> ObservedPod | None:
        with self._lock:
            self._answer()
            return self._held.pod(uid)

    def labelled(self) -> Sequence[Labelled]:
        with self._lock:
            self._answer()
            return [*parts(self._held, *self._owner), *self.others]

    def remove_labelled(self, found: Labelled) -> None:
        with self._lock:
            self._call("remove_labelled", found.name)
            if found.whose is not Whose.OURS or found.id in self.in_use:
                raise EngineRefused(f"{found.name} is in use, or another's")
            self._remove(found.id)
            self.others = [one for one in self.others if one.id != found.id]

    # -- sandboxes
    def start_sandbox(self, config: SandboxConfig) -> str:
        with self._lock:
            self._call("start_sandbox", config.pod_name, config.attempt)
            if error := self._start_error(config, "POD"):
                raise refusal(error)
            owner = (config.pod_name, config.namespace)
            for name in (MESSAGES, *config.volumes, *config.memory_volumes):
                self._held.volumes[config.pod_uid, name] = owner
            held = self._held.make("POD", config, image="pause", image_id="sha256:0")
            if isinstance(self.reach, Published) and not config.host_network:
                self._held.publish(held, config, self.reach.bind_address())
            self._held.start(held)
            return held.seen.id

    def remove_sandbox(self, sandbox_id: str) -> None:
        with self._lock:
            self._call("remove_sandbox", sandbox_id)
            self._remove(sandbox_id)

    def remove_volumes(self, pod_uid: str) -> None:
        with self._lock:
            self._call("remove_volumes", pod_uid)
            for key in [k for k in self._held.volumes if k[0] == pod_uid]:
                del self._held.volumes[key]

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

    def termination_message(self, container_id: str, path: str, most: int) -> bytes:
        with self._lock:
            self._answer()
            return self._held.get(container_id).files.get(path, b"")[-most:]

    # -- images
    def image(self, name: str) -> Image | None:
        with self._lock:
            self._answer()
            by_id = {i.id: i for i in self._images.values()}
            return by_id.get(name) or self._images.get(tagged(name))

    def images(self) -> Sequence[Image]:
        with self._lock:
            self._answer()
            return tuple(self._images.values())

    def pull(self, name: str, progress: Callable[[str], None] | None = None) -> Image:
        with self._lock:
            self._call("pull", name)
            if error := self._pull_errors.get(tagged(name)):
                raise ImagePullFailed(error)
            found = self._images.get(tagged(name))
            if not found and name not in self.registry:
                raise ImagePullFailed(f"manifest for {tagged(name)} not found")
            if progress:
                progress(f"Pulling from {name}")
            return found or self.add_image(name)

    def save_image(self, name: str) -> ImageArchive:
        with self._lock:
            self._call("save_image", name)
            image = self.image(name)
            if image is None:
                raise NotFound(f"No such image: {name}")
            return FakeArchive(image)

    def load_image(self, archive: Iterable[bytes]) -> None:
        self._call("load_image")
        image = unpacked(archive)
        with self._lock:
            self._images |= dict.fromkeys(image.names, image)

    # -- inside containers
    def exec(
        self, container_id: str, command: Sequence[str], *, timeout: float, limit: int
    ) -> ExecResult:
        with self._lock:
            self._call("exec", container_id, tuple(command))
            program = self._program(container_id, command)
            code = None if program.seconds > timeout else program.exit_code
            return ExecResult(code, (program.stdout + program.stderr)[:limit])

    def open_exec(
        self, container_id: str, command: Sequence[str], *, stdin: bool, tty: bool
    ) -> ExecSession:
        with self._lock:
            self._call("open_exec", container_id, tuple(command))
            return FakeExec(self._program(container_id, command), stdin=stdin, tty=tty)

    def open_attach(self, container_id: str, *, stdin: bool, tty: bool) -> ExecSession:
        with self._lock:
            self._call("open_attach", container_id)
            session = FakeExec(Program(until_closed=True), stdin=stdin, tty=tty)
            self._held.going_on(container_id).attached.append(session)
            return session

    def logs(self, container_id: str, options: LogOptions) -> LogStream:
        with self._lock:
            self._answer()
            held = self._held.get(container_id)
            return FakeLogs(self._lock, held.lines, options, lambda: held.runs)

    def dial(self, pod: PodAddress, port: int, timeout: float) -> ByteStream:
        self._call("dial", pod.ip, port)
        way = self.reach.way(pod, port)
        return self.listening(way.host, way.port)

    def dial_inside(self, sandbox_id: str, port: int) -> ByteStream:
        self._call("dial_inside", sandbox_id, port)
        self._held.running(sandbox_id)
        return self.listening("127.0.0.1", port)

    # -- shared
    def _answer(self) -> None:
        if self._unavailable:
            raise EngineUnavailable("the engine is away")

    def _call(self, *call: Any) -> None:
        self._answer()
        self.calls.append(call)

    def _remove(self, container_id: str) -> None:
        if held := self._held.by_id.get(container_id):
            self._held.remove(held)

    def _program(self, container_id: str, command: Sequence[str]) -> Program:
        self._held.going_on(container_id)
        if program := self._programs.get(tuple(command)):
            return program
        raise EngineRefused(f'exec: "{command[0]}": executable file not found in $PATH')

    def _start_error(
        self, config: ContainerConfig | SandboxConfig, name: str
    ) -> Refusal:
        pods = (config.pod_name, config.pod_uid)
        return next((e for p in pods if (e := self._start_errors.get((p, name)))), "")

    def _stop_code(self, held: Held) -> int:
        by_uid = self._stop_codes.get((held.config.pod_uid, held.seen.name), 137)
        return self._stop_codes.get((held.config.pod_name, held.seen.name), by_uid)
