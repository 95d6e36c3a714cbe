"""Volumes of a pod: which the sandbox makes, and where its containers mount them. Pure.

Rules
- An emptyDir lives as long as its pod; containers come and go on it.
- Containers mount volumes of files read-only.
- A subPath stays inside its volume. Whether a container could make it lead elsewhere,
  with a symbolic link, is told with the mount; how that is prevented is the engine's
  matter (runtime/docker/subpaths.py).
"""

from collections.abc import Callable, Mapping

import msgspec

from supervisor.agent.pods.failures import StartFailed, config_error
from supervisor.agent.volumes.base import Medium, set_up_failed
from supervisor.agent.volumes.claimed import NOTHING_CLAIMED, Claimed
from supervisor.agent.volumes.types import of_medium, type_of
from supervisor.model.pod import Container, Pod, VolumeMount
from supervisor.model.quantities import whole
from supervisor.model.volumes import HostPathVolumeSource, Volume
from supervisor.runtime.base import Mount


def mount_failed(pod: Pod, host_path: str, message: str) -> StartFailed:
    """A path of the host cannot be mounted; the container waits until it can."""
    return set_up_failed(_volume_of(pod, host_path), message)


def _volume_of(pod: Pod, host_path: str) -> str:
    """The volume that has the path: the one with the longest path above it."""
    inside = [
        (len(_parts(v.host_path.path)), v.name)
        for v in pod.spec.volumes
        if v.host_path and _is_below(host_path, v.host_path.path)
    ]
    return max(inside, default=(0, host_path), key=lambda found: found[0])[1]


def _is_below(path: str, folder: str) -> bool:
    """Whether the path is `folder` or inside it: a subPath may have been added."""
    return f"{path.rstrip('/')}/".startswith(f"{folder.rstrip('/')}/")


def empty_dirs(pod: Pod) -> tuple[str, ...]:
    """Names of emptyDir volumes on disk."""
    return tuple(v.name for v in of_medium(pod, Medium.DISK))


def file_volumes(pod: Pod) -> tuple[str, ...]:
    """Names of volumes whose files we write."""
    return tuple(v.name for v in of_medium(pod, Medium.FILES))


def fs_group(pod: Pod) -> int | None:
    """The group of the pod's emptyDir volumes. Paths of the host stay as they are, as
    in Kubernetes."""
    secure = pod.spec.security_context
    return secure.fs_group if secure is not None else None


def memory_volumes(pod: Pod) -> Mapping[str, int | None]:
    """emptyDir volumes in memory, with their size in bytes if limited."""
    found: dict[str, int | None] = {}
    for volume in of_medium(pod, Medium.MEMORY):
        limit = volume.empty_dir.size_limit if volume.empty_dir else None
        found[volume.name] = None if limit is None else whole(limit)
    return found


def mounts(
    pod: Pod,
    container: Container,
    expand: Callable[[str], str],
    claims: Mapping[str, Claimed] = NOTHING_CLAIMED,
) -> tuple[Mount, ...]:
    """What `container` mounts, and where.

    `expand` replaces the variables of a subPathExpr; `claims` are what the pod's
    claims are bound to. Raises StartFailed.
    """
    volumes = {v.name: v for v in pod.spec.volumes}
    return tuple(
        _mount(pod, volumes, _expanded(m, expand), claims.get(m.name))
        for m in container.volume_mounts
    )


def claimed_volumes(claims: Mapping[str, Claimed]) -> tuple[Mount, ...]:
    """The Docker volumes of claims, as the sandbox mounts them."""
    return tuple(
        Mount("", name, docker_volume=found.docker_volume)
        for name, found in claims.items()
        if found.docker_volume is not None
    )


def host_volumes(
    pod: Pod, claims: Mapping[str, Claimed] = NOTHING_CLAIMED
) -> tuple[Mount, ...]:
    """Volumes on the host of which a container mounts a subPath."""
    rows = pod.spec.all_containers
    wanted = {
        m.name for c in rows for m in c.volume_mounts if m.sub_path or m.sub_path_expr
    }
    found = []
    for volume in pod.spec.volumes:
        source, claim = volume.host_path, claims.get(volume.name)
        if claim is not None and claim.host_path:
            source = HostPathVolumeSource(claim.host_path, claim.host_path_type)
        if source is not None and volume.name in wanted:
            found.append(Mount("", volume.name, source.path, source.type))
    return tuple(found)


def _mount(
    pod: Pod,
    volumes: Mapping[str, Volume],
    wanted: VolumeMount,
    claimed: Claimed | None,
) -> Mount:
    volume = volumes.get(wanted.name)
    if volume is None:
        raise config_error(f'volume "{wanted.name}" is not one of the pod\'s volumes')
    sub_path = _sub_path(wanted)
    source = volume.host_path or HostPathVolumeSource("")
    if claimed is not None:
        source = HostPathVolumeSource(claimed.host_path, claimed.host_path_type)
    is_fixed = _is_of_files(volume) or (claimed is not None and claimed.read_only)
    return Mount(
        path=wanted.mount_path,
        volume=volume.name,
        host_path=source.path,
        host_path_type=source.type,
        docker_volume=claimed.docker_volume if claimed else None,
        read_only=wanted.read_only or is_fixed,
        sub_path=sub_path,
        group=fs_group(pod) if sub_path and not source.path else None,
        changed_by=_changed_by(pod, volumes, wanted) if sub_path else (),
    )


def _is_of_files(volume: Volume) -> bool:
    return type_of(volume).medium(volume) is Medium.FILES


def _expanded(mount: VolumeMount, expand: Callable[[str], str]) -> VolumeMount:
    """The mount with a subPath in place of a subPathExpr."""
    if not mount.sub_path_expr:
        return mount
    path = expand(mount.sub_path_expr)
    if not path or "$(" in path:
        raise config_error(
            f'subPathExpr {mount.sub_path_expr!r} of volume "{mount.name}" refers to '
            "a variable that is not set"
        )
    return msgspec.structs.replace(mount, sub_path=path)


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
            and not _is_of_files(volumes[mount.name])
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
