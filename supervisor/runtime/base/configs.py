"""What sandboxes and containers are created from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from supervisor.runtime.base.etc_files import HostsFile, ResolvConf
from supervisor.runtime.base.mount import Mount

MIN_MEMORY_BYTES = 6 << 20
"""Engines refuse a container with a smaller memory limit."""


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
    """TCP ports that probes and hooks connect to; an engine whose pods are reached
    through published ports publishes them."""
    hosts: HostsFile = field(default_factory=HostsFile)
    """What is added to the engine's /etc/hosts."""
    sysctls: Mapping[str, str] = field(default_factory=dict)
    """Kernel parameters of the pod's namespaces."""
    volumes: Sequence[str] = ()
    """Names of emptyDir volumes: created if missing, writable for everyone (0777)."""
    fs_group: int | None = None
    """The group of emptyDir volumes and of files created in them."""
    memory_volumes: Mapping[str, int | None] = field(default_factory=dict)
    """emptyDir volumes with medium Memory: name to size limit in bytes."""
    file_volumes: Sequence[str] = ()
    """Names of volumes in memory whose files we write; read-only for containers."""
    claimed_volumes: Sequence[Mount] = ()
    """Docker volumes that outlive the pod; a new one is made writable for everyone."""
    host_volumes: Sequence[Mount] = ()
    """hostPath volumes that containers mount with a `sub_path`."""
    messages: Sequence[str] = ()
    """Names of the containers that write termination messages."""
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
    """Replaces the image's ENTRYPOINT; the image's CMD is then ignored."""
    args: Sequence[str] = ()
    env: Sequence[tuple[str, str]] = ()
    working_dir: str = ""
    user: str = ""
    """`uid`, `uid:gid` or empty for the image's."""
    groups: Sequence[int] = ()
    mounts: Sequence[Mount] = ()
    cpu_shares: int = 0
    cpu_quota_millis: int = 0
    """CPU limit in thousandths of a core; 0 is no limit."""
    memory_bytes: int = 0
    """0 is no limit; any other value is at least MIN_MEMORY_BYTES."""
    privileged: bool = False
    read_only_root: bool = False
    no_new_privileges: bool = False
    capabilities_add: Sequence[str] = ()
    capabilities_drop: Sequence[str] = ()
    seccomp: str = ""
    """Empty for the engine's default profile, `unconfined`, or a profile as JSON."""
    share_processes: bool = False
    host_network: bool = False
    stdin: bool = False
    stdin_once: bool = False
    tty: bool = False
    termination_message_path: str = ""
    hosts: HostsFile | None = None
    """None leaves /etc/hosts to the engine; a mount at that path takes precedence."""
    resolv_conf: ResolvConf | None = None
    """The same for /etc/resolv.conf."""
