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
from supervisor.runtime.published import Published
from supervisor.runtime.reach import Direct, PodAddress, Reach
from tests.fakes.runtime_containers import (
    MESSAGES,
    Containers,
    Held,
    Now,
    Refusal,
    check_mounts,
    refusal,
)
from tests.fakes.runtime_images import FakeArchive, tagged, unpacked
from tests.fakes.runtime_streams import FakeExec, FakeLogs, FakePulse, Line, Program

_INFO = EngineInfo(
    id="FAKE:ENGINE",
    name="fake",
    version="20.10.24",
    api_version="1.41",
    operating_system="Fake GNU/Linux",
    os="linux",
    architecture="amd64",
    kernel="6.1.0",
    cpus=4,
    memory_bytes=8 << 30,
)


class FakeRuntime:
    def __init__(self, clock: Now, *, cluster: str = "test", node: str = "node-1"):
        self._clock = clock
        self._held = Containers(clock, cluster, node)
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
        self.listening: Callable[[str, int], ByteStream] = _refuse_connection
        """What `dial` answers at the end of a way: to a host and a port there."""
        self.reach: Reach = Direct()
        """Set to `Published`, sandboxes publish the ports that have to be reached."""

    # -- controls
    @property
    def unavailable(self) -> bool:
        """Whether the engine is away; setting it ends the event streams."""
        return self._unavailable

    @unavailable.setter
    def unavailable(self, away: bool) -> None:
        with self._lock:
            self._unavailable = away
            if away:
                self._held.end_streams(EngineUnavailable("the engine is away"))

    def exit(self, pod: str, container: str, code: int = 0) -> str:
        """Let a running container end by itself; return its id."""
        with self._lock:
            held = self._held.named(pod, container)
            self._held.die(held, code)
            return held.seen.id

    def oom(self, pod: str, container: str) -> str:
        """Let the kernel kill a running container for want of memory."""
        with self._lock:
            held = self._held.named(pod, container)
            self._held.tell(held, "oom")
            self._held.die(held, 137, oom_killed=True)
            return held.seen.id

    def vanish(self, pod: str, container: str) -> None:
        """Remove a container behind the runtime's back."""
        with self._lock:
            self._held.remove(self._held.named(pod, container))

    def fail_start(self, pod: str, container: str, error: Refusal) -> None:
        """Refuse starts of this container from now on; an empty error ends that."""
        self._start_errors[pod, container] = error

    def fail_pull(self, image: str, error: str) -> None:
        """Refuse pulls of this image from now on; an empty error ends that."""
        self._pull_errors[tagged(image)] = error

    def stop_code(self, pod: str, container: str, code: int) -> None:
        """What a stop of this container ends with: 137 (TERM is ignored) if unsaid."""
        self._stop_codes[pod, container] = code

    def add_image(self, name: str, *, user: str = "", size_bytes: int = 1000) -> Image:
        """An image that is on the engine already."""
        with self._lock:
            name = tagged(name)
            image_id = f"sha256:{len(self._images) + 1:064x}"
            at = self._clock.now()
            image = Image(image_id, (name,), size_bytes, user, at)
            self._images[name] = image
            return image

    def add_program(self, command: Sequence[str], program: Program) -> None:
        """What a command does in any container, when it is executed there."""
        self._programs[tuple(command)] = program

    def write_log(self, pod: str, container: str, text: bytes, stream: int = 1) -> None:
        with self._lock:
            held = self._held.named(pod, container)
            held.lines.append(Line(self._clock.now(), text, stream))
            for session in held.attached:
                session.put(text, stream)
            self._lock.notify_all()

    def write_file(self, pod: str, container: str, path: str, data: bytes) -> None:
        """A file that can be read as a termination message."""
        self._held.named(pod, container).files[path] = data

    @property
    def volumes(self) -> set[tuple[str, str]]:
        """(pod uid, name) of every emptyDir volume that there is."""
        return {key for key in self._held.volumes if key[1] != MESSAGES}

    def running(self, pod: str) -> list[str]:
        """Names of the running containers of a pod, oldest first, no sandboxes."""
        with self._lock:
            mine = [h for h in self._held.by_id.values() if h.is_of(pod) and h.runs]
            return [h.seen.name for h in mine if h.seen.name != "POD"]

    def config(self, container_id: str) -> ContainerConfig | SandboxConfig:
        """What a container was made from."""
        return self._held.get(container_id).config

    # -- the engine
    def info(self) -> EngineInfo:
        self._answer()
        return _INFO

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
            found = {uid: self._held.pod(uid) for uid in self._held.uids()}
            return {uid: pod for uid, pod in found.items() if pod}

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
            for name in (MESSAGES, *config.volumes, *config.memory_volumes):
                owner = (config.pod_name, config.namespace)
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
            image = self._images.get(tagged(config.image))
            if image is None:
                raise NotFound(f"No such image: {tagged(config.image)}")
            check_mounts(config, self._held.get(config.sandbox_id).config)
            held = self._held.make(
                config.name, config, image=config.image, image_id=image.id
            )
            return held.seen.id

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
            return self._held.get(container_id).files.get(path, b"")[:most]

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
            held = self._running(container_id)
            session = FakeExec(Program(until_closed=True), stdin=stdin, tty=tty)
            held.attached.append(session)
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
        self._running(sandbox_id)
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

    def _running(self, container_id: str) -> Held:
        held = self._held.get(container_id)
        if not held.runs:
            raise NotFound(f"Container {container_id} is not running")
        return held

    def _program(self, container_id: str, command: Sequence[str]) -> Program:
        self._running(container_id)
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


def _refuse_connection(host: str, port: int) -> ByteStream:
    raise ConnectionRefusedError(f"{host}:{port} refuses connections")
