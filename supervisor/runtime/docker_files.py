"""Files that containers share with us through the engine: messages, and mounted paths.

Rules
- Every attempt of a container has a termination message file of its own. Those of the
  first attempts are made by the sandbox's process, later ones in batches, so that a
  start does not wait for one; that there are no more is learnt from the engine, which
  refuses to mount a file that is not there.
- The kind of a hostPath is checked on the created container, which has it mounted.
"""

import io
import json
import tarfile
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import docker.errors

from supervisor.runtime import docker_mounts
from supervisor.runtime.base import (
    ContainerConfig,
    EngineUnavailable,
    Mount,
    MountRefused,
    NotFound,
)
from supervisor.runtime.docker_engine import Engine
from supervisor.runtime.docker_errors import translated

Json = Mapping[str, Any]

_BATCH = 32
_MESSAGE_MODE = 0o666
_STAT = "X-Docker-Container-Path-Stat"
_TAR_HEADERS = 8 * tarfile.BLOCKSIZE
_MISSING = "bind source path does not exist"

# As Go's os.FileMode has them, which is what the engine tells.
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
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._root = ""
        """Where the engine keeps its volumes."""

    def mounts(
        self,
        config: ContainerConfig,
        folders: docker_mounts.Folders,
        labels: Mapping[str, str],
    ) -> docker_mounts.Body:
        message = ""
        if config.termination_message_path:
            message = self._message_path(config)
        return docker_mounts.of_container(
            config, message=message, folders=folders, labels=labels
        )

    # -- termination messages
    def _message_path(self, config: ContainerConfig) -> str:
        volume = docker_mounts.message_volume(config.pod_uid)
        if not self._root:
            held_at = str(self._engine.api.inspect_volume(volume)["Mountpoint"])
            self._root = held_at.removesuffix(f"/{volume}/_data")
        file = docker_mounts.message_file(config.name, config.attempt)
        return f"{self._root}/{volume}/_data/{file}"

    def is_message_missing(
        self, config: ContainerConfig, error: docker.errors.APIError
    ) -> bool:
        """Whether a create was refused because its message has no file yet."""
        text = str(error.explanation or "")
        path = config.termination_message_path and self._message_path(config)
        return bool(path) and _MISSING in text and path in text

    def make_messages(self, config: ContainerConfig) -> None:
        """Files for this attempt of a container and the next ones."""
        attempts = range(config.attempt, config.attempt + _BATCH)
        names = [docker_mounts.message_file(config.name, n) for n in attempts]
        self._engine.slow.put_archive(
            config.sandbox_id, docker_mounts.MESSAGES, _empty_files(names)
        )

    def read(self, container_id: str, path: str, most: int) -> bytes:
        """The beginning of a file in a container; empty when there is none."""
        try:
            size = self._stat(container_id, path)["size"]
            if not size:
                return b""
            response = self._engine.stream(_archive(container_id), {"path": path})
        except NotFound:
            # A container that is gone is told from a file that is not there.
            with translated():
                self._engine.api.inspect_container(container_id)
            return b""
        archive = b""
        try:
            while len(archive) < most + _TAR_HEADERS and (data := response.read_some()):
                archive += data
        finally:
            response.release()
        return _first_file(archive, most)

    # -- mounted paths
    def check_types(self, container_id: str, mounts: Sequence[Mount]) -> None:
        """Raises EngineRefused when a hostPath is not of the kind asked for."""
        for mount in docker_mounts.typed(mounts):
            kind = mount.host_path_type.removesuffix("OrCreate")
            if _kind(self._stat(container_id, mount.path)["mode"]) != kind:
                raise wrong_kind(mount.host_path, kind)

    def _stat(self, container_id: str, path: str) -> Json:
        return stat(self._engine, container_id, path)


def stat(engine: Engine, container_id: str, path: str) -> Json:
    """What is at `path` in a container. Of a link, `linkTarget` is where it leads, all
    links followed, as the container sees it. Raises NotFound."""
    response = engine.stream(_archive(container_id), {"path": path}, method="HEAD")
    try:
        return to_stat(response.answer.getheader(_STAT, ""))
    finally:
        response.release()


def is_link(mode: int) -> bool:
    return bool(mode & _GO_LINK)


def is_directory(mode: int) -> bool:
    return bool(mode & _GO_DIRECTORY)


def lacks(
    mounts: Iterable[Mount], error: docker.errors.APIError
) -> MountRefused | None:
    """What a create was refused for, if it is a path that the host has not."""
    text = str(error.explanation or "").strip()
    for mount in docker_mounts.existing(mounts):
        if text.endswith(f"{_MISSING}: {mount.host_path}"):
            return wrong_kind(mount.host_path, mount.host_path_type)
    return None


def wrong_kind(path: str, kind: str) -> MountRefused:
    text = f"hostPath type check failed: {path} is not a {_WORDS[kind]}"
    return MountRefused(text, path)


def to_stat(header: str) -> Json:
    try:
        told: Json = json.loads(b64decode(header))
    except ValueError as error:
        raise EngineUnavailable("the Docker engine's answer makes no sense") from error
    return told


def _archive(container_id: str) -> str:
    return f"/containers/{container_id}/archive"


def _kind(mode: int) -> str:
    """The word of hostPath's type for a file's mode."""
    if is_directory(mode):
        return "Directory"
    if mode & _GO_DEVICE:
        return "CharDevice" if mode & _GO_CHARACTER else "BlockDevice"
    if mode & _GO_SOCKET:
        return "Socket"
    return "other" if mode & _GO_OTHER else "File"


def _empty_files(names: Iterable[str]) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.mode = _MESSAGE_MODE
            tar.addfile(entry)
    return archive.getvalue()


def _first_file(archive: bytes, most: int) -> bytes:
    """The beginning of the first file in the beginning of a tar."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r|") as tar:
            entry = tar.next()
            file = tar.extractfile(entry) if entry and entry.isfile() else None
            return file.read(most) if file else b""
    except tarfile.TarError:
        return b""
