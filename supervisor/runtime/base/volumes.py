"""The volumes of pods, and files that containers leave for us to read."""

from typing import Protocol


class Volumes(Protocol):
    def remove_volumes(self, pod_uid: str) -> None:
        """Remove the emptyDir volumes of a pod that has no containers any more."""

    def termination_message(self, container_id: str, path: str, most: int) -> bytes:
        """The last `most` bytes of the file at `path` in a dead container.

        Empty when there is no such file.
        """
