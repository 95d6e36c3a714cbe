"""Volumes of a pod: which the sandbox makes, and where its containers mount them. Pure.

Rules
- Known are emptyDir and hostPath. A pod with any other volume does not start without
  it: it stays in ContainerCreating, and an event says why.
- An emptyDir lives as long as its pod; containers come and go on it.
- A subPath stays inside its volume. Whether a container could make it lead elsewhere,
  with a symbolic link, is told with the mount; how that is prevented is the engine's
  matter (runtime/docker/subpaths.py).
"""

from collections.abc import Mapping

from supervisor.agent.pods.failures import (
    CREATING,
    RETRY_SECONDS,
    StartFailed,
    config_error,
)
from supervisor.model.meta import Object
from supervisor.model.pod import (
    Container,
    HostPathVolumeSource,
    Pod,
    Volume,
    VolumeMount,
)
from supervisor.model.quantities import whole
from supervisor.runtime.base import Mount

_KNOWN = {"emptyDir", "hostPath"}


def check_volumes(obj: Object) -> None:
    """Raise StartFailed if the pod `obj` has a volume that we cannot provide."""
    for volume in obj.get("spec", {}).get("volumes") or []:
        sources = sorted(set(volume) - {"name"})
        unknown = [s for s in sources if s not in _KNOWN and volume[s] is not None]
        if unknown:
            name, kind = volume.get("name"), unknown[0]
            message = (
                f'MountVolume.SetUp failed for volume "{name}" : volumes of type '
                f"{kind} are not supported; supported are: emptyDir, hostPath"
            )
            raise StartFailed("FailedMount", message, 6 * RETRY_SECONDS)
        medium = (volume.get("emptyDir") or {}).get("medium") or ""
        if medium not in ("", "Memory"):
            message = (
                f'MountVolume.SetUp failed for volume "{volume.get("name")}" : medium '
                f"{medium} is not supported; supported are: the disk, Memory"
            )
            raise StartFailed("FailedMount", message, 6 * RETRY_SECONDS)


def mount_failed(pod: Pod, host_path: str, message: str) -> StartFailed:
    """A path of the host cannot be mounted; the container waits until it can."""
    names = (v.name for v in pod.spec.volumes if v.host_path and _is(v, host_path))
    text = f'MountVolume.SetUp failed for volume "{next(names, host_path)}" : {message}'
    return StartFailed(CREATING, text, RETRY_SECONDS)


def _is(volume: Volume, host_path: str) -> bool:
    """Whether the path is in that volume: a subPath may have been added to it."""
    mine = volume.host_path.path.rstrip("/") if volume.host_path else ""
    return f"{host_path}/".startswith(f"{mine}/")


def empty_dirs(pod: Pod) -> tuple[str, ...]:
    """Names of emptyDir volumes on disk. A volume without a source is one, too."""
    return tuple(v.name for v in pod.spec.volumes if _on_disk(v))


def _on_disk(volume: Volume) -> bool:
    in_memory = volume.empty_dir is not None and volume.empty_dir.medium == "Memory"
    return volume.host_path is None and not in_memory


def fs_group(pod: Pod) -> int | None:
    """The group of the pod's emptyDir volumes. Paths of the host stay as they are, as
    in Kubernetes."""
    secure = pod.spec.security_context
    return secure.fs_group if secure is not None else None


def memory_volumes(pod: Pod) -> Mapping[str, int | None]:
    """emptyDir volumes in memory, with their size in bytes if limited."""
    found: dict[str, int | None] = {}
    for volume in pod.spec.volumes:
        if volume.empty_dir is None or _on_disk(volume):
            continue
        limit = volume.empty_dir.size_limit
        found[volume.name] = None if limit is None else whole(limit)
    return found


def mounts(pod: Pod, container: Container) -> tuple[Mount, ...]:
    """What `container` mounts, and where. Raises StartFailed for an unknown name."""
    volumes = {v.name: v for v in pod.spec.volumes}
    return tuple(_mount(pod, volumes, m) for m in container.volume_mounts)


def host_volumes(pod: Pod) -> tuple[Mount, ...]:
    """hostPath volumes of which a container mounts a subPath."""
    rows = pod.spec.all_containers
    wanted = {m.name for c in rows for m in c.volume_mounts if m.sub_path}
    return tuple(
        Mount("", v.name, v.host_path.path, v.host_path.type)
        for v in pod.spec.volumes
        if v.host_path is not None and v.name in wanted
    )


def _mount(pod: Pod, volumes: Mapping[str, Volume], wanted: VolumeMount) -> Mount:
    volume = volumes.get(wanted.name)
    if volume is None:
        raise config_error(f'volume "{wanted.name}" is not one of the pod\'s volumes')
    sub_path = _sub_path(wanted)
    source = volume.host_path or HostPathVolumeSource("")
    return Mount(
        path=wanted.mount_path,
        volume=volume.name,
        host_path=source.path,
        host_path_type=source.type,
        read_only=wanted.read_only,
        sub_path=sub_path,
        group=fs_group(pod) if sub_path and not source.path else None,
        changed_by=_changed_by(pod, volumes, wanted) if sub_path else (),
    )


def _sub_path(wanted: VolumeMount) -> str:
    parts = _parts(wanted.sub_path)
    if ".." in parts or wanted.sub_path.startswith("/"):
        raise config_error(
            f'subPath {wanted.sub_path!r} of volume "{wanted.name}" leads out of its '
            "volume: it must be a relative path without '..'"
        )
    return "/".join(parts)


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part not in ("", "."))


def _changed_by(
    pod: Pod, volumes: Mapping[str, Volume], wanted: VolumeMount
) -> tuple[str, ...]:
    """Containers that can write in a folder that the mount's path leads through.

    Init containers count as well: they run again when the sandbox is replaced.
    """
    through = _place(volumes, wanted)[:-1]
    rows = pod.spec.all_containers
    return tuple(
        container.name
        for container in rows
        if any(
            not mount.read_only
            and mount.name in volumes
            and through[: len(place := _place(volumes, mount))] == place
            for mount in container.volume_mounts
        )
    )


def _place(volumes: Mapping[str, Volume], mount: VolumeMount) -> tuple[str, ...]:
    """Where a mount begins: the host, or an emptyDir by its name, then the path."""
    volume = volumes[mount.name]
    if volume.host_path is not None:
        return ("/", *_parts(volume.host_path.path), *_parts(mount.sub_path))
    return (volume.name, *_parts(mount.sub_path))
