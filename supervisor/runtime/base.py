"""The contract of a container engine, as the agent needs it.

Rules
- What belongs to us is marked by labels, and so is its history: the engine is the
  only home of facts about containers, dead ones included.
- A runtime touches only what has its own cluster's and node's labels, and of all else
  sees no more than `labelled` tells.
- Every call has a timeout and raises `EngineUnavailable` when the engine is away or
  silent. Stopping and removing what is gone or stopped succeeds.
- A sandbox holds a pod's network; containers live inside it and come and go.
- Labels and names follow dockershim's, so that log shippers and monitors know them.
- All methods may be called from any thread.

One suite, tests/contract/runtime, examines the fake and the real one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from supervisor.model.streams import (
    ByteStream,
    ExecSession,
    ImageArchive,
    LogOptions,
    LogStream,
)
from supervisor.runtime.claims import EngineClaims
from supervisor.runtime.etc_files import HostsFile as HostsFile
from supervisor.runtime.etc_files import ResolvConf as ResolvConf
from supervisor.runtime.failures import ClaimTaken as ClaimTaken
from supervisor.runtime.failures import ContainerPaused as ContainerPaused
from supervisor.runtime.failures import EngineRefused as EngineRefused
from supervisor.runtime.failures import EngineUnavailable as EngineUnavailable
from supervisor.runtime.failures import ImagePullFailed as ImagePullFailed
from supervisor.runtime.failures import MountRefused as MountRefused
from supervisor.runtime.failures import MountUnsafe as MountUnsafe
from supervisor.runtime.failures import NotFound as NotFound
from supervisor.runtime.failures import RuntimeFailure as RuntimeFailure
from supervisor.runtime.failures import SandboxLacks as SandboxLacks
from supervisor.runtime.inventory import Labelled
from supervisor.runtime.mount import Mount as Mount
from supervisor.runtime.reach import PodAddress, PublishedPort, Reach

# Labels that every container of ours carries; the first five are dockershim's.
POD_NAME = "io.kubernetes.pod.name"
POD_NAMESPACE = "io.kubernetes.pod.namespace"
POD_UID = "io.kubernetes.pod.uid"
CONTAINER_NAME = "io.kubernetes.container.name"
CONTAINER_TYPE = "io.kubernetes.docker.type"
"""`podsandbox` or `container`; of helpers, inventory.HELPER_TYPE."""
CLUSTER = "supervisor.cluster"
NODE = "supervisor.node"
ATTEMPT = "supervisor.attempt"
"""Of a container: its restart count. Of a sandbox: how many came before it."""
BACKOFF_STEP = "supervisor.backoff-step"
SPEC_HASH = "supervisor.spec-hash"
SANDBOX = "supervisor.sandbox"
"""Of a container: the id of the sandbox whose network it shares."""
# Labels of the one container per cluster that says whose an engine is (claims.py).
CLAIM = "supervisor.claim"
"""Identity of the owner's store."""
CLAIM_NODE = "supervisor.claim.node"
CLAIM_HOST = "supervisor.claim.host"
CLAIM_TAKEN_FROM = "supervisor.claim.taken-from"

MIN_MEMORY_BYTES = 6 << 20
"""Engines refuse a container with a smaller limit."""


class State(Enum):
    CREATED = "created"
    RUNNING = "running"
    EXITED = "exited"


@dataclass(frozen=True)
class ObservedContainer:
    """A container, or a sandbox, as the engine has it now."""

    id: str
    name: str
    """Name inside the pod; `POD` for a sandbox."""
    state: State
    attempt: int
    created_at: float
    image: str = ""
    """As named in the spec."""
    image_id: str = ""
    started_at: float = 0.0
    """0 when it never ran."""
    finished_at: float = 0.0
    exit_code: int = 0
    oom_killed: bool = False
    error: str = ""
    """The engine's text when a start failed."""
    sandbox_id: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ObservedPod:
    """All that the engine has of one pod. Newest first in both sequences."""

    uid: str
    name: str
    namespace: str
    sandboxes: Sequence[ObservedContainer] = ()
    containers: Sequence[ObservedContainer] = ()
    ip: str = ""
    """Of the newest sandbox while it runs; empty with the host's network."""
    published: Sequence[PublishedPort] = ()
    """TCP ports of that sandbox on the host, in the order of their host ports."""


@dataclass(frozen=True)
class PortBinding:
    container_port: int
    protocol: str
    """TCP, UDP or SCTP."""
    host_port: int
    host_ip: str = ""


@dataclass(frozen=True)
class SandboxConfig:
    pod_uid: str
    pod_name: str
    namespace: str
    attempt: int
    hostname: str
    host_network: bool = False
    ports: Sequence[PortBinding] = ()
    reached_ports: Sequence[int] = ()
    """TCP ports that have to be reached from outside: published where that is the
    engine's way."""
    hosts: HostsFile = field(default_factory=HostsFile)
    """What is added to the engine's /etc/hosts."""
    sysctls: Mapping[str, str] = field(default_factory=dict)
    """Kernel settings of the pod's namespaces."""
    volumes: Sequence[str] = ()
    """Names of emptyDir volumes: created if missing, writable for everyone (0777)."""
    fs_group: int | None = None
    """The group of emptyDir volumes, and of what is made in them."""
    memory_volumes: Mapping[str, int | None] = field(default_factory=dict)
    """emptyDir with medium Memory: name to size limit in bytes."""
    host_volumes: Sequence[Mount] = ()
    """hostPath volumes of which containers mount a `sub_path`."""
    messages: Sequence[str] = ()
    """Names of the containers that will want a termination message."""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ContainerConfig:
    pod_uid: str
    pod_name: str
    namespace: str
    name: str
    attempt: int
    sandbox_id: str
    image: str
    labels: Mapping[str, str] = field(default_factory=dict)
    """Further labels, such as BACKOFF_STEP."""
    command: Sequence[str] = ()
    """Replaces the image's ENTRYPOINT (and then its CMD counts no more)."""
    args: Sequence[str] = ()
    env: Sequence[tuple[str, str]] = ()
    working_dir: str = ""
    user: str = ""
    """`uid`, `uid:gid` or empty for the image's."""
    groups: Sequence[int] = ()
    mounts: Sequence[Mount] = ()
    cpu_shares: int = 0
    cpu_quota_millis: int = 0
    """Thousandths of a core that it may use; 0 is no limit."""
    memory_bytes: int = 0
    """0 is no limit; others are at least MIN_MEMORY_BYTES."""
    privileged: bool = False
    read_only_root: bool = False
    no_new_privileges: bool = False
    capabilities_add: Sequence[str] = ()
    capabilities_drop: Sequence[str] = ()
    seccomp: str = ""
    """Empty for the engine's own profile, `unconfined`, or a profile as JSON."""
    share_processes: bool = False
    host_network: bool = False
    stdin: bool = False
    stdin_once: bool = False
    tty: bool = False
    termination_message_path: str = ""
    hosts: HostsFile | None = None
    """None leaves /etc/hosts to the engine; so does a mount of its own there."""
    resolv_conf: ResolvConf | None = None
    """The same for /etc/resolv.conf."""


@dataclass(frozen=True)
class Image:
    id: str
    names: Sequence[str]
    size_bytes: int
    user: str = ""
    """The USER of the image: empty, a name, or `uid[:gid]`."""
    created_at: float = 0.0


@dataclass(frozen=True)
class ExecResult:
    exit_code: int | None
    """None when the time ran out."""
    output: bytes
    """stdout followed by stderr, cut at the limit asked for."""


@dataclass(frozen=True)
class EngineInfo:
    id: str
    """Unique to the engine: two nodes must not share it."""
    name: str
    version: str
    api_version: str
    operating_system: str
    os: str
    """`linux`."""
    architecture: str
    """As Go says it: `amd64`, `arm64`."""
    kernel: str
    cpus: int
    memory_bytes: int
    rootless: bool = False


@dataclass(frozen=True)
class RuntimeEvent:
    """Something happened to a container of ours: wake its pod."""

    pod_uid: str
    action: str
    """`start`, `die`, `oom`, `destroy`, …"""
    container: str
    """Name inside the pod; `POD` for the sandbox."""


class EventStream(Protocol):
    """Iterates until the engine goes away (EngineUnavailable) or `close`."""

    def __iter__(self) -> Iterator[RuntimeEvent]: ...

    def close(self) -> None: ...


class Pulse(Protocol):
    """A connection that is kept to ask the engine whether it lives.

    One thread at a time may ask; any thread may close, which ends the asking.
    """

    def ask(self, timeout: float) -> None:
        """Returns when the engine has answered. Raises EngineUnavailable."""

    def close(self) -> None: ...


class Runtime(Protocol):
    # -- the engine
    def info(self) -> EngineInfo: ...

    def ping(self) -> None:
        """Returns when the engine answers, which takes it a millisecond."""

    @property
    def reach(self) -> Reach:
        """How this process reaches the ports of pods on this engine."""

    @property
    def claims(self) -> EngineClaims:
        """Whose the engine is."""

    def pulse(self) -> Pulse:
        """One more connection of its own; nothing is sent before it is used."""

    def events(self) -> EventStream:
        """What happens from now on; opened when this returns."""

    def close(self) -> None: ...

    # -- what there is
    def pods(self) -> Mapping[str, ObservedPod]:
        """Every pod that the engine has anything of, by uid.

        Volumes count: a pod stays until its last container and volume are removed.
        """

    def pod(self, uid: str) -> ObservedPod | None:
        """The same for one pod, in a few milliseconds."""

    def labelled(self) -> Sequence[Labelled]:
        """Everything with a cluster's label but claims, of others as well."""

    def remove_labelled(self, found: Labelled) -> None:
        """Remove what is ours, a running container too. That it is gone is fine.

        Raises EngineRefused when it is in use, or not ours.
        """

    # -- sandboxes
    def start_sandbox(self, config: SandboxConfig) -> str:
        """Create and start a sandbox, with its volumes; return its id.

        The pause image reaches the engine by itself. Nothing is left of a sandbox
        that fails to start.
        """

    def remove_sandbox(self, sandbox_id: str) -> None:
        """Stop it at once and remove it; volumes stay."""

    def remove_volumes(self, pod_uid: str) -> None:
        """Remove the emptyDir volumes of a pod, whose containers are gone."""

    # -- containers
    def create_container(self, config: ContainerConfig) -> str:
        """Create, return the id. Raises NotFound when the image is not here."""

    def start_container(self, container_id: str) -> None: ...

    def stop_container(self, container_id: str, grace_seconds: float) -> None:
        """The stop signal, then SIGKILL after the grace; returns when it is dead."""

    def kill_container(self, container_id: str) -> None:
        """SIGKILL; returns when it is dead."""

    def remove_container(self, container_id: str) -> None:
        """Remove it and its logs; a running one is killed first."""

    def termination_message(self, container_id: str, path: str, most: int) -> bytes:
        """The last `most` bytes of the file at `path` in a dead container.

        Empty when there is none.
        """

    # -- images
    def image(self, name: str) -> Image | None: ...

    def images(self) -> Sequence[Image]: ...

    def pull(self, name: str, progress: Callable[[str], None] | None = None) -> Image:
        """Raises ImagePullFailed."""

    def save_image(self, name: str) -> ImageArchive:
        """The image as `docker save` writes it, piece by piece. Raises NotFound.

        It must be closed. An engine saves one at a time; others wait for it.
        """

    def load_image(self, archive: Iterable[bytes]) -> None:
        """Take in what `save_image` of another engine gives, as it comes.

        An error of the iteration goes through, and nothing is loaded then. An engine
        loads one at a time; others wait for it.
        """

    # -- inside containers
    def exec(
        self, container_id: str, command: Sequence[str], *, timeout: float, limit: int
    ) -> ExecResult:
        """Run to its end, or for `timeout` seconds, after which it is killed with all
        that it has started; where that takes the engine a while, soon afterwards.

        Raises NotFound when the container is gone or not running, ContainerPaused, and
        EngineRefused when the command cannot be started at all.
        """

    def open_exec(
        self, container_id: str, command: Sequence[str], *, stdin: bool, tty: bool
    ) -> ExecSession: ...

    def open_attach(
        self, container_id: str, *, stdin: bool, tty: bool
    ) -> ExecSession: ...

    def logs(self, container_id: str, options: LogOptions) -> LogStream:
        """`options.previous` is the caller's concern: an id is one container's life."""

    def dial(self, pod: PodAddress, port: int, timeout: float) -> ByteStream:
        """A TCP connection to a pod, on the way that `reach` says.

        Raises OSError when nothing takes it, and NoWay.
        """

    def dial_inside(self, sandbox_id: str, port: int) -> ByteStream:
        """A TCP connection to the loopback of a pod, from inside its network.

        Raises OSError when nothing takes it.
        """
