"""Create missing files on the host, for hostPath volumes of type FileOrCreate.

Docker creates missing directories only. A helper, a short-lived container of the pause
image that mounts the file's directory, creates the file; an existing one is kept.

Follows the FileOrCreate check of pkg/volume/hostpath/host_path.go: the directory must
exist, and the mode is 0644.
"""

import os
import posixpath
from collections.abc import Mapping
from secrets import token_hex

import docker.errors

from supervisor.runtime.base import (
    CONTAINER_TYPE,
    HELPER_TYPE,
    ContainerConfig,
    MountRefused,
)
from supervisor.runtime.base.labels import HELPER
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.images.pause import PauseImage
from supervisor.runtime.docker.volumes.files import missing_path

_FOLDER = "/host"


class HostFiles:
    """`owner` are the labels of what is ours. Callers wrap calls in `translated`."""

    def __init__(
        self, client: EngineClient, pause: PauseImage, owner: Mapping[str, str]
    ) -> None:
        self._client = client
        self._pause = pause
        self._owner = owner

    def create_missing(
        self, config: ContainerConfig, error: docker.errors.APIError
    ) -> bool:
        """Create the file that a failed create of a container lacked, if it lacked one.

        Raises MountRefused.
        """
        path = missing_path(error)
        wanted = (m for m in config.mounts if m.host_path == path)
        if not any(m.host_path_type == "FileOrCreate" for m in wanted):
            return False
        self._create(path)
        return True

    def _create(self, path: str) -> None:
        folder, name = posixpath.split(path)
        try:
            helper = self._helper(folder, name)
        except docker.errors.APIError as error:
            if missing_path(error) != folder:
                raise
            text = f"hostPath type check failed: {folder} is not a directory"
            raise MountRefused(text, path) from error
        try:
            self._client.slow.start(helper)
            code = int(self._client.slow.wait(helper)["StatusCode"])
        finally:
            self._client.remove_container(helper)
        if code:
            text = f"file {path} could not be created: {os.strerror(code)}"
            raise MountRefused(text, path)

    def _helper(self, folder: str, name: str) -> str:
        create = self._client.slow.create_container_from_config
        body = {
            "Image": self._pause.name(),
            "Cmd": ["create", f"{_FOLDER}/{name}"],
            "User": "0",
            "Labels": {
                **self._owner,
                CONTAINER_TYPE: HELPER_TYPE,
                HELPER: f"create {folder}/{name}",
            },
            "HostConfig": {
                "NetworkMode": "none",
                "ReadonlyRootfs": True,
                "LogConfig": {"Type": "none", "Config": {}},
                "Mounts": [{"Type": "bind", "Source": folder, "Target": _FOLDER}],
                # The directory may belong to any user.
                "CapDrop": ["ALL"],
                "CapAdd": ["DAC_OVERRIDE"],
                "SecurityOpt": ["no-new-privileges", "label=disable"],
                "RestartPolicy": {"Name": "no"},
            },
        }
        made = f"supervisor_file_{token_hex(8)}"
        return self._pause.with_image(lambda: str(create(body, made)["Id"]))
