"""A volume of a pod as one of its containers mounts it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class DockerVolume:
    """A volume of the engine that outlives pods. It is created if it is missing."""

    name: str
    driver: str = "local"
    options: tuple[tuple[str, str], ...] = ()
    """Of the driver."""


@dataclass(frozen=True)
class Mount:
    """A volume at a path: one of the pod, a path of the host where `host_path` is set,
    or a `docker_volume`."""

    path: str
    volume: str = ""
    """Name of the volume in the pod. Needed for an emptyDir, and with a `sub_path`."""
    host_path: str = ""
    host_path_type: str = ""
    """As in HostPathVolumeSource.type."""
    docker_volume: DockerVolume | None = None
    read_only: bool = False
    sub_path: str = ""
    """Relative, without `.` and `..`. What is mounted is always inside the volume."""
    group: int | None = None
    """Of folders of the `sub_path` that are created because they are missing."""
    changed_by: Sequence[str] = ()
    """Names of the pod's containers that could replace a part of `sub_path` by a
    symbolic link."""
