"""Files that containers share with us: messages, those in /etc, and mounted paths.

Rules
- Every attempt of a container has a termination message file of its own. Those of the
  first attempts are made by the sandbox's process, later ones in batches, so that a
  start does not wait for one; that there are no more is learnt from the engine, which
  refuses to mount a file that is not there.
- /etc/hosts is made by the sandbox's process, and by us where it is missing: in
  sandboxes of older versions. /etc/resolv.conf is made when it is asked for.
- The kind of a hostPath is checked on the created container, which has it mounted.
"""

import io
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
from supervisor.runtime.docker import mounts as docker_mounts
from supervisor.runtime.docker.engine import Engine
from supervisor.runtime.docker.errors import translated
from supervisor.runtime.docker.tail import last_bytes

Json = Mapping[str, Any]

_BATCH = 32
_MESSAGE_MODE = 0o666
_ETC_MODE = 0o644
_MAX_ETC_BYTES = 1 << 20
_STAT = "X-Docker-Container-Path-Stat"
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
        return docker_mounts.of_container(
            config, files=self._managed(config), folders=folders, labels=labels
        )

    # -- our own files
    def _managed(self, config: ContainerConfig) -> dict[str, str]:
        """Paths of the host by those of the container."""
        names = docker_mounts.managed(config)
        if not names:
            return {}
        volume = docker_mounts.message_volume(config.pod_uid)
        if not self._root:
            held_at = str(self._engine.api.inspect_volume(volume)["Mountpoint"])
            self._root = held_at.removesuffix(f"/{volume}/_data")
        folder = f"{self._root}/{volume}/_data"
        return {path: f"{folder}/{name}" for path, name in names.items()}

    def make_missing(
        self, config: ContainerConfig, error: docker.errors.APIError
    ) -> bool:
        """Make the file of ours for lack of which a create was refused, if it was."""
        text = str(error.explanation or "").strip()
        for path, held_at in self._managed(config).items():
            if text.endswith(f"{_MISSING}: {held_at}"):
                self._make(config, path)
                return True
        return False

    def _make(self, config: ContainerConfig, path: str) -> None:
        if path == config.termination_message_path:
            # For this attempt of the container and the next ones.
            attempts = range(config.attempt, config.attempt + _BATCH)
            names = (docker_mounts.message_file(config.name, n) for n in attempts)
            files = dict.fromkeys(names, b"")
            self._put(config.sandbox_id, files, _MESSAGE_MODE)
            return
        wanted = config.hosts if path == "/etc/hosts" else config.resolv_conf
        assert wanted is not None, f"{path} is no file of ours"
        engines = self.read(config.sandbox_id, path, _MAX_ETC_BYTES).decode()
        name = docker_mounts.managed(config)[path]
        data = wanted.text(engines).encode()
        self._put(config.sandbox_id, {name: data}, _ETC_MODE)

    def _put(self, sandbox_id: str, files: Mapping[str, bytes], mode: int) -> None:
        archive = _archived(files, mode)
        self._engine.slow.put_archive(sandbox_id, docker_mounts.MESSAGES, archive)

    def read(self, container_id: str, path: str, most: int) -> bytes:
        """The end of a file in a container; empty when there is none."""
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
        try:
            return last_bytes(response.read_some, most)
        except tarfile.TarError as error:
            text = f"the Docker engine sent {path} cut short or garbled"
            raise EngineUnavailable(text) from error
        finally:
            response.release()

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


def _archived(files: Mapping[str, bytes], mode: int) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.mode, entry.size = mode, len(data)
            tar.addfile(entry, io.BytesIO(data))
    return archive.getvalue()
