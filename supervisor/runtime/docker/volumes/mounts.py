"""Volumes and mounts as parts of request bodies of Docker's API. Pure.

Rules
- An emptyDir is a named volume of the pod. The sandbox mounts it, which keeps one in
  memory alive between containers, and makes it writable for everyone.
- A directory of the host that may be created is a bind, which creates it; one that must
  exist is a mount, with which the create fails if it is missing. So is a file that may
  be created, which host_files.py does then.
- The sandbox also mounts the hostPath volumes that containers mount with a subPath, so
  that sub_paths.py can look into them.
- A termination message is a file on a volume that only the sandbox sees: /dev of a
  container dies with it, and its root may be read-only. The pod's /etc/hosts and
  /etc/resolv.conf are there too if they differ from the engine's.

Follows dockershim's docker_container.go and pkg/kubelet/kuberuntime.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from supervisor.runtime.base import (
    CLUSTER,
    VOLUME,
    VOLUME_CLUSTER,
    ContainerConfig,
    DockerVolume,
    EngineRefused,
    Mount,
    MountRefused,
    SandboxConfig,
)

Body = dict[str, Any]

MESSAGES = "/messages"
"""The folder of termination messages in the sandbox."""
HOSTS, RESOLV_CONF = "hosts", "resolv.conf"
"""No message file has these names, since theirs end with a number."""
_VOLUMES = "/volumes"
_MESSAGE_VOLUME = "POD"
"""Not a valid name for a volume of a pod."""
_CREATED = ("", "DirectoryOrCreate")
_EXISTING = (
    "Directory",
    "File",
    "FileOrCreate",
    "Socket",
    "CharDevice",
    "BlockDevice",
)


@dataclass(frozen=True)
class Folder:
    """What is mounted for a subPath."""

    inside: str
    """The path below the root of the volume, with symbolic links resolved."""
    host_path: str = ""
    """The path on the host, for a bind mount. Empty if the engine takes `inside` and
    keeps it in the volume."""


Folders = Mapping[Mount, Folder]


def volume_name(pod_uid: str, volume: str) -> str:
    return f"k8s_{pod_uid}_{volume}"


def message_volume(pod_uid: str) -> str:
    return volume_name(pod_uid, _MESSAGE_VOLUME)


def message_file(container: str, attempt: int) -> str:
    return f"{container}_{attempt}"


def in_sandbox(volume: str) -> str:
    """The mount point of a volume in the sandbox."""
    return f"{_VOLUMES}/{volume}"


def for_pause(config: SandboxConfig) -> list[str]:
    """Arguments of the sandbox's process; see pause/pause.c."""
    hosts = config.hosts
    made = [f"={MESSAGES}/{HOSTS}", f'"{hosts.head}', "</etc/hosts", f'"{hosts.tail}']
    group = [] if config.fs_group is None else [f"@{config.fs_group}"]
    volumes = [in_sandbox(name) for name in (*config.volumes, *config.memory_volumes)]
    volumes += [f"~{in_sandbox(m.volume)}" for m in config.claimed_volumes]
    files = [f"+{MESSAGES}/{container}" for container in config.messages]
    return [*made, *group, *volumes, *files]


def of_sandbox(config: SandboxConfig, labels: Mapping[str, str]) -> Body:
    """`Mounts` and `Binds`."""
    sizes: dict[str, Body] = {name: {} for name in config.volumes}
    for name, size in config.memory_volumes.items():
        limit = f",size={size}" if size else ""
        options = {"type": "tmpfs", "device": "tmpfs", "o": f"mode=1777{limit}"}
        sizes[name] = {"DriverConfig": {"Name": "local", "Options": options}}
    for name in config.file_volumes:
        options = {"type": "tmpfs", "device": "tmpfs", "o": "mode=0755"}
        sizes[name] = {"DriverConfig": {"Name": "local", "Options": options}}
    mounts = [
        _volume(config.pod_uid, name, in_sandbox(name), {"Labels": labels, **driver})
        for name, driver in sizes.items()
    ]
    messages = {"Labels": labels}
    mounts.append(_volume(config.pod_uid, _MESSAGE_VOLUME, MESSAGES, messages))
    mounts += [
        _docker_volume(m.docker_volume, in_sandbox(m.volume), labels)
        for m in config.claimed_volumes
        if m.docker_volume is not None
    ]
    # Mounted in the sandbox, which never writes, so that we can look into them.
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


def _docker_volume(volume: DockerVolume, path: str, labels: Mapping[str, str]) -> Body:
    made_by = {VOLUME: volume.name, VOLUME_CLUSTER: labels.get(CLUSTER, "")}
    options: Body = {"NoCopy": True, "Labels": made_by}
    if volume.options or volume.driver != "local":
        driver = {"Name": volume.driver, "Options": dict(volume.options)}
        options["DriverConfig"] = driver
    return {
        "Type": "volume",
        "Source": volume.name,
        "Target": path,
        "VolumeOptions": options,
    }


def source_of(pod_uid: str, mount: Mount) -> str:
    """The name of the Docker volume that is mounted."""
    made = mount.docker_volume
    return made.name if made is not None else volume_name(pod_uid, mount.volume)


def managed(config: ContainerConfig) -> dict[str, str]:
    """Names of our files in the message volume, by the container's path."""
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

    `files` are host paths by container path, `folders` are the resolved subPaths, and
    `labels` are those of the pod's volumes.
    """
    mounts: list[Body] = []
    binds: list[str] = []
    for mount in config.mounts:
        if mount.sub_path:
            mounts.append(_sub_path(config.pod_uid, mount, folders or {}, labels or {}))
        elif mount.docker_volume is not None:
            body = _docker_volume(mount.docker_volume, mount.path, labels or {})
            mounts.append(body | {"ReadOnly": mount.read_only})
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
    """A folder of a volume, which the engine keeps inside the volume, or whose path is
    known to contain no symbolic links."""
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
    body["Source"] = source_of(pod_uid, mount)
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
            f"hostPath type {mount.host_path_type!r} of {mount.host_path!r} is not "
            f"supported by a Docker engine; allowed: {allowed}",
            mount.host_path,
        )
    return {
        "Type": "bind",
        "Source": mount.host_path,
        "Target": mount.path,
        "ReadOnly": mount.read_only,
    }


def typed(mounts: Sequence[Mount]) -> list[Mount]:
    """hostPath mounts whose type has to be checked after the create."""
    return [m for m in mounts if m.host_path_type and not m.sub_path]


def existing(mounts: Iterable[Mount]) -> list[Mount]:
    """hostPath mounts that must exist."""
    return [m for m in mounts if m.host_path_type in _EXISTING and not m.sub_path]
