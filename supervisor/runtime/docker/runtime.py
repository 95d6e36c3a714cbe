"""A Docker engine as `supervisor.runtime.base.Runtime`.

Rules
- One call of the contract is as few calls of the engine as it can be; on the way from a
  death to the next start nothing is asked that is not needed for it.
- What an earlier life of ours left half-done (a container of the name that we need, a
  missing pause image) is cleared away when it is met, not looked for.

The bodies are made in docker_config.py, what there is is read in docker_observe.py,
streams are in streams.py, logs.py and exec.py.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from math import ceil
from secrets import token_hex

import docker.errors

from supervisor.model.endpoint import parse
from supervisor.model.engine import DEFAULT_NETWORK
from supervisor.model.streams import (
    ByteStream,
    ExecSession,
    ImageArchive,
    LogOptions,
    LogStream,
)
from supervisor.model.times import to_seconds
from supervisor.runtime.base import (
    CLUSTER,
    NODE,
    ContainerConfig,
    EngineInfo,
    EngineRefused,
    EventStream,
    ExecResult,
    Image,
    NotFound,
    ObservedPod,
    Pulse,
    SandboxConfig,
)
from supervisor.runtime.claims import EngineClaims
from supervisor.runtime.docker import config as docker_config
from supervisor.runtime.docker import exec, images, logs, streams
from supervisor.runtime.docker import mounts as docker_mounts
from supervisor.runtime.docker.claims import DockerClaims
from supervisor.runtime.docker.engine import Engine, Tls
from supervisor.runtime.docker.errors import translated
from supervisor.runtime.docker.files import Files, lacks
from supervisor.runtime.docker.forward import open_forward
from supervisor.runtime.docker.inventory import Inventory
from supervisor.runtime.docker.observe import Observer
from supervisor.runtime.docker.pulse import DockerPulse
from supervisor.runtime.docker.reach import choose
from supervisor.runtime.docker.reaper import Reaper
from supervisor.runtime.docker.subpaths import SubPaths
from supervisor.runtime.docker.transfer import Transfers
from supervisor.runtime.host_clock import HostClock
from supervisor.runtime.inventory import Labelled
from supervisor.runtime.published import Published
from supervisor.runtime.reach import PodAddress, Reach
from supervisor.runtime.ssh.command import SshHost
from supervisor.runtime.ssh.tunnel import SshTunnel
from supervisor.runtime.tcp import TcpStream

__all__ = ["DockerRuntime", "Tls"]

_NOT_MINE = "cannot assign requested address"


class DockerRuntime:
    """An engine at `endpoint`: `unix:///PATH`, `tcp://HOST:PORT` or
    `ssh://[USER@]HOST[:PORT][/PATH]`.

    `network` is the Docker network that pods without the host's are in. `reach` is how
    their ports are reached (model.engine.REACH_MODES), and `publish_address` what
    published ports are bound to. `ssh_config` is used in place of the user's. `now` is
    our clock, by which the instants of the engine are put right if that of its host is
    wrong; it is noted with every `info`. Nothing is sent before the first call. Raises
    ValueError.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        cluster: str,
        node: str,
        timeout: float = 10,
        tls: Tls | None = None,
        network: str = DEFAULT_NETWORK,
        reach: str = "Auto",
        publish_address: str = "",
        ssh_config: str = "",
        now: Callable[[], float] | None = None,
    ) -> None:
        try:
            where = parse(endpoint)
        except ValueError as error:
            text = f"{endpoint!r} is no address of a Docker engine: {error}"
            raise ValueError(text) from error
        is_ssh = where.scheme == "ssh"
        tunnel = SshTunnel(SshHost(where, ssh_config)) if is_ssh else None
        self._reach = choose(reach, where, publish_address, tunnel)
        self._engine = Engine(where, timeout, tls, tunnel)
        self._owner = {CLUSTER: cluster, NODE: node}
        self._network = network
        self._host_clock = HostClock(now)
        self._observer = Observer(self._engine, self._owner, self._host_clock)
        self._images = images.Images(self._engine)
        self._reaper = Reaper(self._engine, self._images, self._owner)
        self._files = Files(self._engine)
        self._sub_paths = SubPaths(self._engine)
        self._transfers = Transfers(self._engine)
        self._inventory = Inventory(self._engine, self._owner, self._host_clock)
        self._claims = DockerClaims(
            self._engine, self._images, cluster, self._host_clock
        )

    # -- the engine
    def info(self) -> EngineInfo:
        asked_at = self._host_clock.now()
        with translated():
            told = self._engine.api.info()
        self._host_clock.note(to_seconds(told["SystemTime"]), asked_at)
        return EngineInfo(
            id=told["ID"],
            name=told["Name"],
            version=told["ServerVersion"],
            api_version=self._engine.api.api_version,
            operating_system=told["OperatingSystem"],
            os=told["OSType"],
            architecture=images.architecture(told["Architecture"]),
            kernel=told["KernelVersion"],
            cpus=told["NCPU"],
            memory_bytes=told["MemTotal"],
            rootless="name=rootless" in (told.get("SecurityOptions") or ()),
        )

    def ping(self) -> None:
        with translated():
            self._engine.api.ping()

    @property
    def reach(self) -> Reach:
        return self._reach

    @property
    def claims(self) -> EngineClaims:
        return self._claims

    def pulse(self) -> Pulse:
        return DockerPulse(self._engine)

    def events(self) -> EventStream:
        return streams.open_events(self._engine, self._owner, self._observer)

    def close(self) -> None:
        self._reaper.close()
        self._engine.close()

    # -- what there is
    def pods(self) -> Mapping[str, ObservedPod]:
        return self._observer.pods()

    def pod(self, uid: str) -> ObservedPod | None:
        return self._observer.pod(uid)

    def labelled(self) -> Sequence[Labelled]:
        return self._inventory.all()

    def remove_labelled(self, found: Labelled) -> None:
        self._inventory.remove(found)

    # -- sandboxes
    def start_sandbox(self, config: SandboxConfig) -> str:
        with translated():
            body = docker_config.sandbox(
                config,
                image=self._images.pause_name(),
                network=self._network,
                owner=self._owner,
                publish_at=self._publish_at(config),
            )
            name = docker_config.name(config)
            try:
                sandbox_id = self._create_sandbox(name, body)
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

    def _create_sandbox(self, name: str, body: docker_config.Body) -> str:
        try:
            return self._create(name, body)
        except docker.errors.ImageNotFound:
            self._images.bring_pause()
            return self._create(name, body)

    def _publish_at(self, config: SandboxConfig) -> str:
        """The host's address for the ports that we have to reach; empty for none."""
        if not isinstance(self._reach, Published) or not config.reached_ports:
            return ""
        return self._reach.bind_address()

    def _with_hint(self, error: EngineRefused) -> EngineRefused:
        if isinstance(self._reach, Published) and _NOT_MINE in str(error):
            return EngineRefused(
                f"{error} (ports of pods are published there so that they can be "
                "reached; publishAddress must be an address of the engine's host)"
            )
        return error

    def remove_sandbox(self, sandbox_id: str) -> None:
        self.remove_container(sandbox_id)

    def remove_volumes(self, pod_uid: str) -> None:
        with translated():
            for name in self._observer.volumes(pod_uid):
                try:
                    self._engine.slow.remove_volume(name)
                except docker.errors.NotFound:
                    continue

    # -- containers
    def create_container(self, config: ContainerConfig) -> str:
        with translated():
            folders = self._sub_paths.find(config)
            labels = docker_config.pod_labels(config, self._owner)
            mounts = self._files.mounts(config, folders, labels)
            body = docker_config.container(config, owner=self._owner, mounts=mounts)
            name = docker_config.name(config)
            container_id = self._create_with_files(name, body, config)
        try:
            self._files.check_types(container_id, config.mounts)
        except BaseException:
            self.remove_container(container_id)
            raise
        self._sub_paths.created(container_id, config, folders)
        return container_id

    def _create_with_files(
        self, name: str, body: docker_config.Body, config: ContainerConfig
    ) -> str:
        """Create; a file of ours that is missing is made, one after the other."""
        may_lack = len(docker_mounts.managed(config))
        while True:
            try:
                return self._create(name, body)
            except docker.errors.APIError as error:
                if refused := lacks(config.mounts, error):
                    raise refused from error
                if not may_lack or not self._files.make_missing(config, error):
                    raise
                may_lack -= 1

    def _create(self, name: str, body: docker_config.Body) -> str:
        """Create under a name; one of ours that has it is removed unless it runs."""
        create = self._engine.slow.create_container_from_config
        try:
            return str(create(body, name)["Id"])
        except docker.errors.APIError as error:
            if error.status_code != 409:
                raise
        try:
            holder = self._engine.api.inspect_container(name)
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
            self._engine.slow.start(container_id)

    def stop_container(self, container_id: str, grace_seconds: float) -> None:
        try:
            with translated():
                self._engine.slow.stop(container_id, ceil(grace_seconds))
        except NotFound:
            return

    def kill_container(self, container_id: str) -> None:
        try:
            with translated():
                self._engine.slow.kill(container_id)
        except NotFound:
            return
        except EngineRefused as error:
            if _status(error) != 409:  # it does not run
                raise

    def remove_container(self, container_id: str) -> None:
        self._sub_paths.forget(container_id)
        try:
            with translated():
                self._engine.slow.remove_container(container_id, v=True, force=True)
        except NotFound:
            return
        except EngineRefused as error:
            if _status(error) != 409:  # someone is removing it just now
                raise

    def termination_message(self, container_id: str, path: str, most: int) -> bytes:
        return self._files.read(container_id, path, most)

    # -- images
    def image(self, name: str) -> Image | None:
        return self._images.image(name)

    def images(self) -> Sequence[Image]:
        return self._images.images()

    def pull(self, name: str, progress: Callable[[str], None] | None = None) -> Image:
        return self._images.pull(name, progress)

    def save_image(self, name: str) -> ImageArchive:
        image = self.image(name)
        if image is None:
            raise NotFound(f"No such image: {name}")
        return self._transfers.save(name, image)

    def load_image(self, archive: Iterable[bytes]) -> None:
        self._transfers.load(archive)

    # -- inside containers
    def exec(
        self, container_id: str, command: Sequence[str], *, timeout: float, limit: int
    ) -> ExecResult:
        return exec.run(
            self._engine,
            self._reaper,
            container_id,
            command,
            timeout=timeout,
            limit=limit,
        )

    def open_exec(
        self, container_id: str, command: Sequence[str], *, stdin: bool, tty: bool
    ) -> ExecSession:
        return exec.open_exec(
            self._engine, self._reaper, container_id, command, stdin=stdin, tty=tty
        )

    def open_attach(self, container_id: str, *, stdin: bool, tty: bool) -> ExecSession:
        return exec.open_attach(self._engine, container_id, stdin=stdin, tty=tty)

    def logs(self, container_id: str, options: LogOptions) -> LogStream:
        if options.since is not None:
            since = self._host_clock.theirs(options.since)
            options = replace(options, since=since)
        return logs.open_logs(self._engine, container_id, options)

    def dial(self, pod: PodAddress, port: int, timeout: float) -> ByteStream:
        return TcpStream(self._reach.way(pod, port).connect(timeout))

    def dial_inside(self, sandbox_id: str, port: int) -> ByteStream:
        return open_forward(self._engine, self._reaper, sandbox_id, port)


def _status(error: EngineRefused) -> int:
    cause = error.__cause__
    if isinstance(cause, docker.errors.APIError):
        return cause.status_code or 0
    return 0
