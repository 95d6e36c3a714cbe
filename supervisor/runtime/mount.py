"""A volume of a pod as one of its containers mounts it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Mount:
    """One volume at one path: an emptyDir volume, or `host_path` where that is set."""

    path: str
    volume: str = ""
    """Name of the volume in the pod. Needed for an emptyDir, and with a `sub_path`."""
    host_path: str = ""
    host_path_type: str = ""
    """As in HostPathVolumeSource.type."""
    read_only: bool = False
    sub_path: str = ""
    """Relative, without `.` and `..`; what is mounted never lies outside the volume."""
    group: int | None = None
    """Of folders of the `sub_path` that are missing, and so made."""
    changed_by: Sequence[str] = ()
    """Names of the pod's containers that could replace a part of `sub_path` by a
    symbolic link."""
