"""The files of a volume that the agent writes, such as the keys of a ConfigMap."""

from collections.abc import Mapping
from dataclasses import dataclass

GROUP_READS = 0o440


@dataclass(frozen=True)
class File:
    data: bytes
    mode: int
    """Permission bits."""

    def __repr__(self) -> str:
        """Without the data, which may be secret."""
        return f"File({len(self.data)} bytes, mode={self.mode:o})"


Files = Mapping[str, File]
"""Files by path, relative to the volume and without `.` and `..`."""
