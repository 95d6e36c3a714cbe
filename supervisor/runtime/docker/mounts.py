"""Volumes and mounts, as the parts of bodies that Docker's API takes. Pure.

Rules
- An emptyDir is a named volume of the pod; the sandbox holds it, which keeps one in
  memory alive between containers, and makes it writable for everyone.
- A directory on the host that may be created is a bind, which creates it; one that must
  exist is a mount, which refuses to start without it.
- The sandbox also holds the hostPath volumes of which containers mount a subPath, where
  docker_subpaths.py looks into them.
- A termination message is a file of its own on a volume that only the sandbox sees:
  /dev in a container dies with it, and its root may be read-only. /etc/hosts and
  /etc/resolv.conf of the pod are on it, too, where the engine's own do not do.

Follows dockershim's docker_container.go and pkg/kubelet/kuberuntime.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from supervisor.runtime.base import (
    ContainerConfig,
    EngineRefused,
    Mount,
    MountRefused,
    SandboxConfig,
)

Body = dict[str, Any]

MESSAGES = "/messages"
"""Where the sandbox has the termination messages of its containers."""
HOSTS, RESOLV_CONF = "hosts", "resolv.conf"
"""Names that no message has, which end with a number."""
_VOLUMES = "/volumes"
_MESSAGE_VOLUME = "POD"
"""Not a name that a volume of a pod can have."""
_CREATED = ("", "DirectoryOrCreate")
_EXISTING = ("Directory", "File", "Socket", "CharDevice", "BlockDevice")


@dataclass(frozen=True)
class Folder:
    """What a mount with a subPath means on the engine."""

    inside: str
    """The path below the root of the volume, without links when we looked."""
    host_path: str = ""
    """The same on the host: to be bound by it. Empty where the engine takes `inside`
    and keeps it in the volume."""


Folders = Mapping[Mount, Folder]


def volume_name(pod_uid: str, volume: str) -> str:
    return f"k8s_{pod_uid}_{volume}"


def message_volume(pod_uid: str) -> str:
    return volume_name(pod_uid, _MESSAGE_VOLUME)


def message_file(container: str, attempt: int) -> str:
    return f"{container}_{attempt}"


def in_sandbox(volume: str) -> str:
    """Where the sandbox has a volume of the pod."""
    return f"{_VOLUMES}/{volume}"


def for_pause(config: SandboxConfig) -> list[str]:
    """What the sandbox's process is told; pause/pause.c says what it means."""
    hosts = config.hosts
    made = [f"={MESSAGES}/{HOSTS}", f'"{hosts.head}', "</etc/hosts", f'"{hosts.tail}']
    group = [] if config.fs_group is None else [f"@{config.fs_group}"]
    volumes = [in_sandbox(name) for name in (*config.volumes, *config.memory_volumes)]
    files = [f"+{MESSAGES}/{container}" for container in config.messages]
    return [*made, *group, *volumes, *files]


def of_sandbox(config: SandboxConfig, labels: Mapping[str, str]) -> Body:
    """`Mounts` and `Binds`."""
    sizes: dict[str, Body] = {name: {} for name in config.volumes}
    for name, size in config.memory_volumes.items():
        limit = f",size={size}" if size else ""
        options = {"type": "tmpfs", "device": "tmpfs", "o": f"mode=1777{limit}"}
        sizes[name] = {"DriverConfig": {"Name": "local", "Options": options}}
    mounts = [
        _volume(config.pod_uid, name, in_sandbox(name), {"Labels": labels, **driver})
        for name, driver in sizes.items()
    ]
    messages = {"Labels": labels}
    mounts.append(_volume(config.pod_uid, _MESSAGE_VOLUME, MESSAGES, messages))
    # Held here, whatever a container may write, so that we can look into them.
    held = [replace(m, path=in_sandbox(m.volume)) for m in config.host_volumes]
    mounts += [_existing(m) for m in held if m.host_path_type not in _CREATED]
    binds = [_bind(m) for m in held if m.host_path_type in _CREATED]
    return {"Mounts": mounts, "Binds": binds}


def _volume(pod_uid: str, name: str, path: str, options: Body) -> Body:
    return {
        "Type": "volume",
        "Source": volume_name(pod_uid, name),
        "Target": path,
        "VolumeOptions": {"NoCopy": True, **options},
    }


def managed(config: ContainerConfig) -> dict[str, str]:
    """Our own files that the container sees: by its path, the name in our volume."""
    found: dict[str, str] = {}
    if path := config.termination_message_path:
        found[path] = message_file(config.name, config.attempt)
    if config.hosts is not None:
        found["/etc/hosts"] = HOSTS
    if config.resolv_conf is not None:
        found["/etc/resolv.conf"] = RESOLV_CONF
    own = {mount.path.rstrip("/") for mount in config.mounts}
    return {path: name for path, name in found.items() if path not in own}


def of_container(
    config: ContainerConfig,
    *,
    files: Mapping[str, str] | None = None,
    folders: Folders | None = None,
    labels: Mapping[str, str] | None = None,
) -> Body:
    """`Mounts` and `Binds`.

    `files` are paths of the host by those of the container; `folders` says what the
    mounts with a subPath mean, and `labels` is what volumes of the pod carry.
    """
    mounts: list[Body] = []
    binds: list[str] = []
    for mount in config.mounts:
        if mount.sub_path:
            mounts.append(_sub_path(config.pod_uid, mount, folders or {}, labels or {}))
        elif not mount.host_path:
            body = _volume(config.pod_uid, mount.volume, mount.path, {})
            mounts.append(body | {"ReadOnly": mount.read_only})
        elif mount.host_path_type in _CREATED:
            binds.append(_bind(mount))
        else:
            mounts.append(_existing(mount))
    for target, path in (files or {}).items():
        mounts.append({"Type": "bind", "Source": path, "Target": target})
    return {"Mounts": mounts, "Binds": binds}


def _sub_path(
    pod_uid: str, mount: Mount, folders: Folders, labels: Mapping[str, str]
) -> Body:
    """A folder of a volume: the engine keeps a link from leading out of it, or the
    path is known to have no links."""
    folder = folders[mount]
    if folder.host_path:
        return {
            "Type": "bind",
            "Source": folder.host_path,
            "Target": mount.path,
            "ReadOnly": mount.read_only,
        }
    options: Body = {"Subpath": folder.inside}
    if mount.host_path:
        driver = {"type": "none", "o": "rbind", "device": mount.host_path}
        options["Labels"] = labels
        options["DriverConfig"] = {"Name": "local", "Options": driver}
    body = _volume(pod_uid, mount.volume, mount.path, options)
    return body | {"ReadOnly": mount.read_only}


def _bind(mount: Mount) -> str:
    if ":" in mount.host_path + mount.path:
        raise EngineRefused(
            f"a path with a colon can only be mounted with hostPath type Directory or "
            f"File: {mount.host_path!r} at {mount.path!r}"
        )
    return f"{mount.host_path}:{mount.path}:{'ro' if mount.read_only else 'rw'}"


def _existing(mount: Mount) -> Body:
    if mount.host_path_type not in _EXISTING:
        allowed = ", ".join(repr(t) for t in (*_CREATED, *_EXISTING))
        raise MountRefused(
            f"hostPath type {mount.host_path_type!r} of {mount.host_path!r} cannot be "
            f"had from a Docker engine; allowed: {allowed}",
            mount.host_path,
        )
    return {
        "Type": "bind",
        "Source": mount.host_path,
        "Target": mount.path,
        "ReadOnly": mount.read_only,
    }


def typed(mounts: Sequence[Mount]) -> list[Mount]:
    """Those whose kind is known only when the engine has them."""
    return [m for m in mounts if m.host_path_type and not m.sub_path]


def existing(mounts: Iterable[Mount]) -> list[Mount]:
    """Those that the engine mounts only if they are there."""
    return [m for m in mounts if m.host_path_type in _EXISTING and not m.sub_path]
