"""Termination messages, files in /etc, and the types of hostPath mounts.

Rules
- Every attempt of a container has a termination message file of its own. The sandbox's
  process creates those of the first attempts, later ones are created in batches, so
  that a start does not wait for one. That there are no more files is known from the
  engine, which refuses to mount a missing file.
- The sandbox's process creates /etc/hosts. In sandboxes of older versions it is missing
  and created here. /etc/resolv.conf is created when it is needed.
- The type of a hostPath is checked on the created container, which has it mounted.
"""

import json
import tarfile
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import docker.errors

from supervisor.runtime.base import (
    ContainerConfig,
    EngineUnavailable,
    Mount,
    MountRefused,
    NotFound,
)
from supervisor.runtime.docker import archives
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.volumes import mounts as volume_mounts
from supervisor.runtime.docker.volumes.tail import last_bytes

Json = Mapping[str, Any]

_BATCH = 32
_MESSAGE_MODE = 0o666
_ETC_MODE = 0o644
_MAX_ETC_BYTES = 1 << 20
_STAT = "X-Docker-Container-Path-Stat"
_MISSING = "bind source path does not exist"

# Bits of Go's os.FileMode, which the engine reports.
_GO_DIRECTORY, _GO_DEVICE, _GO_SOCKET, _GO_CHARACTER = (
    1 << 31,
    1 << 26,
    1 << 24,
    1 << 21,
)
_GO_LINK = 1 << 27
_GO_OTHER = 1 << 25 | 1 << 19  # a pipe, or irregular
_WORDS = {
    "Directory": "directory",
    "File": "file",
    "Socket": "socket file",
    "CharDevice": "character device",
    "BlockDevice": "block device",
}


class Files:
    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._root = ""
        """The engine's folder of volumes."""

    def mounts(
        self,
        config: ContainerConfig,
        folders: volume_mounts.Folders,
        labels: Mapping[str, str],
    ) -> volume_mounts.Body:
        return volume_mounts.of_container(
            config, files=self._managed(config), folders=folders, labels=labels
        )

    # -- files of ours
    def _managed(self, config: ContainerConfig) -> dict[str, str]:
        """Host paths by container path."""
        names = volume_mounts.managed(config)
        if not names:
            return {}
        volume = volume_mounts.message_volume(config.pod_uid)
        if not self._root:
            held_at = str(self._client.api.inspect_volume(volume)["Mountpoint"])
            self._root = held_at.removesuffix(f"/{volume}/_data")
        folder = f"{self._root}/{volume}/_data"
        return {path: f"{folder}/{name}" for path, name in names.items()}

    def make_missing(
        self, config: ContainerConfig, error: docker.errors.APIError
    ) -> bool:
        """Create the file of ours that a failed create lacked, if it lacked one."""
        text = str(error.explanation or "").strip()
        for path, held_at in self._managed(config).items():
            if text.endswith(f"{_MISSING}: {held_at}"):
                self._make(config, path)
                return True
        return False

    def _make(self, config: ContainerConfig, path: str) -> None:
        if path == config.termination_message_path:
            # For this attempt of the container and the following ones.
            attempts = range(config.attempt, config.attempt + _BATCH)
            names = (volume_mounts.message_file(config.name, n) for n in attempts)
            files = dict.fromkeys(names, b"")
            self._put(config.sandbox_id, files, _MESSAGE_MODE)
            return
        wanted = config.hosts if path == "/etc/hosts" else config.resolv_conf
        assert wanted is not None, f"{path} is not managed here"
        original = self.read(config.sandbox_id, path, _MAX_ETC_BYTES).decode()
        name = volume_mounts.managed(config)[path]
        data = wanted.text(original).encode()
        self._put(config.sandbox_id, {name: data}, _ETC_MODE)

    def _put(self, sandbox_id: str, files: Mapping[str, bytes], mode: int) -> None:
        archive = archives.of_files(files, mode)
        self._client.slow.put_archive(sandbox_id, volume_mounts.MESSAGES, archive)

    def read(self, container_id: str, path: str, most: int) -> bytes:
        """The last `most` bytes of a file in a container; empty if there is none."""
        try:
            size = self._stat(container_id, path)["size"]
            if not size:
                return b""
            response = self._client.stream(_archive(container_id), {"path": path})
        except NotFound:
            # Raises NotFound again if the container is gone.
            with translated():
                self._client.api.inspect_container(container_id)
            return b""
        try:
            return last_bytes(response.read_some, most)
        except tarfile.TarError as error:
            text = f"the Docker engine sent {path} truncated or malformed"
            raise EngineUnavailable(text) from error
        finally:
            response.close()

    # -- mounted paths
    def check_types(self, container_id: str, mounts: Sequence[Mount]) -> None:
        """Raises MountRefused when a hostPath is not of the requested type."""
        for mount in volume_mounts.typed(mounts):
            kind = mount.host_path_type.removesuffix("OrCreate")
            if _kind(self._stat(container_id, mount.path)["mode"]) != kind:
                raise wrong_kind(mount.host_path, kind)

    def _stat(self, container_id: str, path: str) -> Json:
        return stat(self._client, container_id, path)


def stat(client: EngineClient, container_id: str, path: str) -> Json:
    """The engine's stat of a path in a container, with `mode` as in Go's os.FileMode.

    Of a symbolic link, `linkTarget` is the path in the container that it resolves to.
    Raises NotFound.
    """
    response = client.stream(_archive(container_id), {"path": path}, method="HEAD")
    try:
        return to_stat(response.answer.getheader(_STAT, ""))
    finally:
        response.close()


def is_link(mode: int) -> bool:
    return bool(mode & _GO_LINK)


def is_directory(mode: int) -> bool:
    return bool(mode & _GO_DIRECTORY)


def lacks(
    mounts: Iterable[Mount], error: docker.errors.APIError
) -> MountRefused | None:
    """The failure if a create was refused because a path of the host is missing."""
    missing = missing_path(error)
    for mount in volume_mounts.existing(mounts):
        if mount.host_path == missing:
            kind = mount.host_path_type.removesuffix("OrCreate")
            return wrong_kind(mount.host_path, kind)
    return None


def missing_path(error: docker.errors.APIError) -> str:
    """The path of the host that a create was refused for; empty if for none."""
    text = str(error.explanation or "").strip()
    return text.partition(f"{_MISSING}: ")[2]


def wrong_kind(path: str, kind: str) -> MountRefused:
    text = f"hostPath type check failed: {path} is not a {_WORDS[kind]}"
    return MountRefused(text, path)


def to_stat(header: str) -> Json:
    try:
        found: Json = json.loads(b64decode(header))
    except ValueError as error:
        raise EngineUnavailable("the Docker engine's answer makes no sense") from error
    return found


def _archive(container_id: str) -> str:
    return f"/containers/{container_id}/archive"


def _kind(mode: int) -> str:
    """The hostPath type of a file mode."""
    if is_directory(mode):
        return "Directory"
    if mode & _GO_DEVICE:
        return "CharDevice" if mode & _GO_CHARACTER else "BlockDevice"
    if mode & _GO_SOCKET:
        return "Socket"
    return "other" if mode & _GO_OTHER else "File"
