"""hostPath: a file or directory of the engine's host. Pure."""

from supervisor.agent.volumes.base import (
    Medium,
    VolumeType,
    no_files,
    nothing_followed,
)

TYPE = VolumeType(
    source="hostPath",
    is_of=lambda volume: volume.host_path is not None,
    medium=lambda _volume: Medium.HOST,
    files=no_files,
    followed=nothing_followed,
)
