"""Volumes and mounts, as the parts of bodies that Docker's API takes. Pure.

Rules
- An emptyDir is a named volume of the pod; the sandbox holds it, which keeps one in
  memory alive between containers, and makes it writable for everyone.
- A directory on the host that may be created is a bind, which creates it; one that must
  exist is a mount, which refuses to start without it.
- A termination message is a file of its own on a volume that only the sandbox sees:
  /dev in a container dies with it, and its root may be read-only. /etc/hosts and
  /etc/resolv.conf of the pod are on it, too, where the engine's own do not do.

Follows dockershim's docker_container.go and pkg/kubelet/kuberuntime.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from supervisor.runtime.base import (
    ContainerConfig,
    EngineRefused,
    HostsFile,
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
_SUBPATH_VERSION = (1, 45)


def volume_name(pod_uid: str, volume: str) -> str:
    return f"k8s_{pod_uid}_{volume}"


def message_volume(pod_uid: str) -> str:
    return volume_name(pod_uid, _MESSAGE_VOLUME)


def message_file(container: str, attempt: int) -> str:
    return f"{container}_{attempt}"


def in_sandbox(volume: str) -> str:
    """Where the sandbox has a volume of the pod."""
    return f"{_VOLUMES}/{volume}"


def for_pause(
    volumes: Sequence[str], messages: Sequence[str], hosts: HostsFile
) -> list[str]:
    """What the sandbox's process is told; pause/pause.c says what it means."""
    made = [f"={MESSAGES}/{HOSTS}", f'"{hosts.head}', "</etc/hosts", f'"{hosts.tail}']
    files = [f"+{MESSAGES}/{container}" for container in messages]
    return made + [in_sandbox(volume) for volume in volumes] + files


def of_sandbox(config: SandboxConfig, labels: Mapping[str, str]) -> list[Body]:
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
    return mounts


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
    config: ContainerConfig, api_version: str, files: Mapping[str, str]
) -> Body:
    """`Mounts` and `Binds`; `files` are paths of the host by those of the container."""
    mounts: list[Body] = []
    binds: list[str] = []
    for mount in config.mounts:
        if mount.volume:
            mounts.append(_empty_dir(config.pod_uid, mount, api_version))
        elif mount.host_path_type in _CREATED:
            binds.append(_bind(mount))
        else:
            mounts.append(_existing(mount))
    for target, path in files.items():
        mounts.append({"Type": "bind", "Source": path, "Target": target})
    return {"Mounts": mounts, "Binds": binds}


def _empty_dir(pod_uid: str, mount: Mount, api_version: str) -> Body:
    options: Body = {}
    if mount.sub_path:
        # A bind of the volume's folder would do, but a link in it leads out of it.
        if version(api_version) < _SUBPATH_VERSION:
            raise EngineRefused(
                f"subPath {mount.sub_path!r} of volume {mount.volume!r} needs Docker "
                f"26 or newer (API 1.45); this engine has API {api_version}"
            )
        options["Subpath"] = mount.sub_path
    body = _volume(pod_uid, mount.volume, mount.path, options)
    return body | {"ReadOnly": mount.read_only}


def _bind(mount: Mount) -> str:
    path = source(mount)
    if ":" in path + mount.path:
        raise EngineRefused(
            f"a path with a colon can only be mounted with hostPath type Directory or "
            f"File: {path!r} at {mount.path!r}"
        )
    return f"{path}:{mount.path}:{'ro' if mount.read_only else 'rw'}"


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
        "Source": source(mount),
        "Target": mount.path,
        "ReadOnly": mount.read_only,
    }


def source(mount: Mount) -> str:
    """The path on the host."""
    parts = mount.sub_path.split("/") if mount.sub_path else []
    if ".." in parts:
        raise EngineRefused(f"subPath {mount.sub_path!r} leads out of its volume")
    return "/".join([mount.host_path.rstrip("/"), *parts]) or "/"


def typed(mounts: Sequence[Mount]) -> list[Mount]:
    """Those whose kind is known only when the engine has them."""
    return [m for m in mounts if m.host_path_type and not m.sub_path]


def existing(mounts: Sequence[Mount]) -> list[Mount]:
    """Those that the engine mounts only if they are there."""
    return [m for m in mounts if m.host_path_type in _EXISTING]


def version(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return int(major), int(minor)
