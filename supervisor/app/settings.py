"""The daemon's settings: one YAML file, every field with a default, none required.

Rules
- Settings come from, in rising order: the defaults, the file, the command line.
- An unknown field, a wrong type or an impossible value ends the start with a message
  that names the file, the field, what was found and what is allowed.

`configs/supervisor.yaml` shows every field with its default; a test compares.
"""

import os
import re
import socket
from math import inf
from pathlib import Path
from typing import Any, Literal

import msgspec

from supervisor.model.failover import (
    GRACE_SECONDS,
    HEARTBEAT_SECONDS,
    TOLERATION_SECONDS,
    Failover,
)
from supervisor.model.names import dns_subdomain

DEFAULT_ENGINE = "unix:///var/run/docker.sock"
_DEFAULT_FILE = Path("/etc/supervisor/supervisor.yaml")


class SettingsError(Exception):
    """The text is for the user."""


class _Section(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    rename="camel",
    kw_only=True,
):
    pass


class TlsSettings(_Section, frozen=True):
    """Absolute paths of the files with which the daemon and an engine know each other;
    all of them, or none.
    """

    ca_file: str = ""
    """What signed the engine's certificate."""
    cert_file: str = ""
    key_file: str = ""


class NodeSettings(_Section, frozen=True):
    """One Docker engine, which becomes one node."""

    name: str = ""
    """The node's name; empty is the machine's host name."""
    engine: str = ""
    """The engine's address; empty is $DOCKER_HOST, else the usual socket."""
    network: str = "bridge"
    """The Docker network that pods get their addresses from."""
    labels: dict[str, str] = {}
    """Further labels of the node."""
    tls: TlsSettings = TlsSettings()
    """For tcp://; empty with $DOCKER_HOST is what $DOCKER_TLS_VERIFY says."""
    insecure: bool = False
    """Plain tcp:// without TLS is wanted."""
    reach: Literal["Auto", "Direct", "Published", "Tunnel"] = "Auto"
    """How the daemon reaches ports of pods."""
    publish_address: str = ""
    """Address of the host on which ports are published; empty is the endpoint's."""
    ssh_config: str = ""
    """For ssh://: absolute path of the configuration of ssh; empty is the user's."""


class LogSettings(_Section, frozen=True):
    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"


class EventSettings(_Section, frozen=True):
    keep_days: float = 3


class SnapshotSettings(_Section, frozen=True):
    """Daily copies of the store, in the folder snapshots of the state directory."""

    keep: int = 7
    """How many there are at most; 0 makes none."""


class FailoverSettings(_Section, frozen=True):
    """How soon the pods of a lost host run elsewhere; see model/failover.py."""

    heartbeat_seconds: float = HEARTBEAT_SECONDS
    grace_seconds: float = GRACE_SECONDS
    toleration_seconds: int = TOLERATION_SECONDS

    @property
    def numbers(self) -> Failover:
        return Failover(
            self.heartbeat_seconds, self.grace_seconds, self.toleration_seconds
        )


class Settings(_Section, frozen=True):
    state_dir: str = ""
    """Store, certificates, kubeconfig; empty is `default_state_dir()`."""
    listen: str = "127.0.0.1:6443"
    """HOST:PORT of the API."""
    manifests: str = ""
    """Folder whose manifests are applied and followed; empty is none."""
    cluster: str = ""
    """Marks our containers, so that several daemons can share an engine without
    touching each other's; empty is an id that the store keeps."""
    nodes: list[NodeSettings] = msgspec.field(default_factory=lambda: [NodeSettings()])
    engine_files: str = ""
    """Folder with the files that Engines may name: certificates, keys, configurations
    of ssh; empty is none. Whoever may write into it runs commands as the daemon."""
    log: LogSettings = LogSettings()
    events: EventSettings = EventSettings()
    snapshots: SnapshotSettings = SnapshotSettings()
    failover: FailoverSettings = FailoverSettings()

    @property
    def address(self) -> tuple[str, int]:
        """`listen` as (host, port). Raises SettingsError."""
        host, colon, port = self.listen.rpartition(":")
        bare = host.removeprefix("[").removesuffix("]")
        closed = host in (bare, f"[{bare}]")
        is_port = port.isdigit() and int(port) <= 65535
        if not (colon and bare and closed and is_port):
            raise SettingsError(
                f"listen: {self.listen!r} is no HOST:PORT, such as 127.0.0.1:6443"
            )
        return bare, int(port)

    @property
    def state_path(self) -> Path:
        return Path(self.state_dir) if self.state_dir else default_state_dir()


def default_state_dir() -> Path:
    """/var/lib/supervisor for root, a folder of their own for everyone else."""
    if os.geteuid() == 0:
        return Path("/var/lib/supervisor")
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "supervisor"


def node_name(node: NodeSettings) -> str:
    """The name given, else the machine's, made a Kubernetes name: `My_Host` too."""
    host = re.sub("[^a-z0-9.-]+", "-", socket.gethostname().lower())
    return node.name or host.strip("-.")


def engine_address(node: NodeSettings) -> str:
    return node.engine or os.environ.get("DOCKER_HOST") or DEFAULT_ENGINE


def load(path: Path | None) -> Settings:
    """Settings from `path`; None takes the usual place if there is a file.

    Raises SettingsError.
    """
    if path is None:
        if not _DEFAULT_FILE.exists():
            return Settings()
        path = _DEFAULT_FILE
    # Only a daemon with a file pays for it.
    from supervisor.model import yaml_reader

    try:
        data: Any = yaml_reader.one(path.read_text())
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    except (yaml_reader.YamlError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from None
    try:
        settings = msgspec.convert(data or {}, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path}: {error}") from None
    _check(settings, path)
    return settings


def _check(settings: Settings, path: Path) -> None:
    days = settings.events.keep_days
    if not 0 < days < inf:
        raise SettingsError(f"{path}: events.keepDays: {days:g} must be more than 0")
    if settings.snapshots.keep < 0:
        keep = settings.snapshots.keep
        raise SettingsError(f"{path}: snapshots.keep: {keep} must be 0 or more")
    if complaint := settings.failover.numbers.complaint():
        raise SettingsError(f"{path}: failover.{complaint}")
    if settings.engine_files and not os.path.isabs(settings.engine_files):
        found = f"{settings.engine_files!r} must be an absolute path"
        raise SettingsError(f"{path}: engineFiles: {found}")
    names = [node_name(n) for n in settings.nodes]
    for name in names:
        for wrong in dns_subdomain(name):
            raise SettingsError(f"{path}: nodes: name {name!r}: {wrong}")
        if names.count(name) > 1:
            raise SettingsError(f"{path}: nodes: {name!r} is given twice")
