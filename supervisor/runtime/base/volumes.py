"""The volumes of pods, and files that containers leave for us to read."""

from typing import Protocol

from supervisor.runtime.base.volume_files import Files


class Volumes(Protocol):
    def write_files(
        self, sandbox_id: str, volume: str, files: Files, group: int | None
    ) -> bool:
        """Replace all files of one of the sandbox's `file_volumes` at once.

        Containers see either the files before or these, never a mix. With a group, the
        files belong to it and it may read them. Return whether anything was changed.
        Raises NotFound if the sandbox or the volume does not exist, and EngineRefused.
        """

    def remove_volumes(self, pod_uid: str) -> None:
        """Remove the emptyDir volumes of a pod that has no containers any more."""

    def remove_volume(self, name: str) -> None:
        """Remove a Docker volume that was made for a PersistentVolume.

        One that is gone, or that somebody else has made, is left alone. Raises
        EngineRefused while a container has it.
        """

    def termination_message(self, container_id: str, path: str, most: int) -> bytes:
        """The last `most` bytes of the file at `path` in a dead container.

        Empty when there is no such file.
        """
