"""emptyDir: a directory that lives as long as its pod, on disk or in memory. Pure.

A volume without any source is one, too.
"""

from supervisor.agent.volumes.base import (
    Medium,
    VolumeType,
    no_files,
    nothing_followed,
)
from supervisor.model.volumes import Volume

MEMORY = "Memory"


def _medium(volume: Volume) -> Medium:
    source = volume.empty_dir
    in_memory = source is not None and source.medium == MEMORY
    return Medium.MEMORY if in_memory else Medium.DISK


TYPE = VolumeType(
    source="emptyDir",
    is_of=lambda volume: volume.empty_dir is not None,
    medium=_medium,
    files=no_files,
    followed=nothing_followed,
)
