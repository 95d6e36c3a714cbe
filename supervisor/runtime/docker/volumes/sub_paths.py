"""subPath: mount a folder of a volume, and never the target of a symbolic link in it.

A container that can write to a volume can put a symbolic link in the path of another
container's subPath, before or while the engine mounts it (CVE-2017-1002101).

Rules
- From API 1.45 on the engine itself keeps a subPath inside its volume, whatever changes
  meanwhile. A hostPath is turned into a volume for that.
- An older engine binds by path. That is done only if no container can write to a folder
  of the path: none of the pod by its spec, and none that runs on the engine, in any
  pod. Links in the path are resolved beforehand and checked again at the start, during
  which we start no container with a writable hostPath.
- A link that stays inside its volume is followed. Missing folders are created, with the
  mode of the volume's root.
- We look into a volume through the engine, where the sandbox has it mounted.

Differs from Kubernetes: an absolute link counts as leading out of its volume even if
its target on the host is inside.

Follows SafeMakeDir and doBindSubPath of pkg/volume/util/subpath/subpath_linux.go.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from posixpath import normpath
from typing import Any

from supervisor.runtime.base import (
    CONTAINER_TYPE,
    ContainerConfig,
    Mount,
    MountUnsafe,
    NotFound,
    SandboxLacks,
)
from supervisor.runtime.docker import archives
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.volumes import mounts
from supervisor.runtime.docker.volumes.files import (
    is_directory,
    is_link,
    stat,
    wrong_kind,
)
from supervisor.runtime.docker.volumes.mounts import Folder, Folders
from supervisor.runtime.versions import at_least

Json = Mapping[str, Any]

_KEPT_BY_ENGINE = "1.45"
_PERMISSIONS = 0o777
_MAY_WRITE = {"status": ["running", "paused", "restarting"]}


@dataclass(frozen=True)
class _Start:
    """What is checked when a container is started."""

    sandbox_id: str
    folders: Folders


class SubPaths:
    """The subPaths on one engine. Callers wrap calls in `translated`."""

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        #: Held during starts that bind a subPath or could change the path of one.
        self._lock = threading.Lock()
        self._starts: dict[str, _Start] = {}

    def find(self, config: ContainerConfig) -> Folders:
        """Resolve the subPaths of a container, creating missing folders.

        Raises MountUnsafe, MountRefused and SandboxLacks.
        """
        wanted = [mount for mount in config.mounts if mount.sub_path]
        if not wanted:
            return {}
        if not self._is_kept():
            for mount in wanted:
                check_pod(mount, self._client.api.api_version)
        sandbox = config.sandbox_id
        folders = {m: Folder(self._inside(sandbox, m)) for m in wanted}
        if self._is_kept():
            return folders
        bound = {
            mount: Folder(folder.inside, self._host_path(config.pod_uid, mount, folder))
            for mount, folder in folders.items()
        }
        self._check_others(bound)
        return bound

    def _is_kept(self) -> bool:
        """Whether the engine itself keeps a subPath in its volume."""
        return keeps_sub_paths(self._client.api.api_version)

    # -- starts
    def created(
        self, container_id: str, config: ContainerConfig, folders: Folders
    ) -> None:
        """Remember what to check at the start of a container."""
        if self._is_kept():
            return
        bound = {m: folder for m, folder in folders.items() if folder.host_path}
        if bound or any(m.host_path and not m.read_only for m in config.mounts):
            self._starts[container_id] = _Start(config.sandbox_id, bound)

    def forget(self, container_id: str) -> None:
        self._starts.pop(container_id, None)

    @contextmanager
    def starting(self, container_id: str) -> Iterator[None]:
        """The context in which a container is started. Raises MountUnsafe."""
        start = self._starts.pop(container_id, None)
        if start is None:
            yield
            return
        with self._lock:
            for mount, folder in start.folders.items():
                if self._inside(start.sandbox_id, mount) != folder.inside:
                    raise MountUnsafe(f"{_title(mount)} was changed while it was used")
                self._check_straight(start.sandbox_id, mount, folder)
            if start.folders:
                self._check_others(start.folders)
            yield

    # -- resolving
    def _inside(self, sandbox_id: str, mount: Mount) -> str:
        """The path below the volume's root with all links resolved."""
        root = mounts.in_sandbox(mount.volume)
        mode = self._root_mode(sandbox_id, mount, root)
        inside: list[str] = []
        parts = mount.sub_path.split("/")
        for place, part in enumerate(parts):
            here = "/".join([root, *inside, part])
            found = self._stat(sandbox_id, here)
            if found is None:
                archive = archives.of_nested_folders(parts[place:], mode, mount.group)
                folder = "/".join([root, *inside])
                self._client.slow.put_archive(sandbox_id, folder, archive)
                return "/".join([*inside, *parts[place:]])
            if not is_link(found["mode"]):
                inside.append(part)
                continue
            target = normpath(found["linkTarget"])
            if not f"{target}/".startswith(f"{root}/"):
                raise MountUnsafe(f"{_title(mount)} leads out of it: {part} is a link")
            if self._stat(sandbox_id, target) is None:
                raise MountUnsafe(f"{_title(mount)}: {part} is a link to nothing")
            inside = target.removeprefix(root).split("/")[1:]
        return "/".join(inside) or "."

    def _root_mode(self, sandbox_id: str, mount: Mount, root: str) -> int:
        found = self._stat(sandbox_id, root)
        if found is None:
            # Raises NotFound if the sandbox itself is gone.
            self._client.api.inspect_container(sandbox_id)
            raise SandboxLacks(
                f'the pod\'s sandbox does not hold volume "{mount.volume}"; it is '
                "replaced"
            )
        kind = mount.host_path_type.removesuffix("OrCreate") or "Directory"
        if not is_directory(found["mode"]) or kind != "Directory":
            raise wrong_kind(mount.host_path, kind)
        return int(found["mode"]) & _PERMISSIONS

    def _check_straight(self, sandbox_id: str, mount: Mount, folder: Folder) -> None:
        """Check that a path without links still has none."""
        here = mounts.in_sandbox(mount.volume)
        for part in folder.inside.split("/"):
            here = f"{here}/{part}"
            found = self._stat(sandbox_id, here)
            if found is None or is_link(found["mode"]):
                raise MountUnsafe(f"{_title(mount)} was changed while it was used")

    def _stat(self, sandbox_id: str, path: str) -> Json | None:
        try:
            return stat(self._client, sandbox_id, path)
        except NotFound:
            return None

    # -- engines that bind by path
    def _host_path(self, pod_uid: str, mount: Mount, folder: Folder) -> str:
        root = mount.host_path
        if not root:
            name = mounts.source_of(pod_uid, mount)
            root = str(self._client.api.inspect_volume(name)["Mountpoint"])
        return normpath(f"{root}/{folder.inside}")

    def _check_others(self, folders: Folders) -> None:
        listed = self._client.api.containers(filters=_MAY_WRITE)
        for mount, folder in folders.items():
            if others := writers(listed, folder.host_path):
                version = self._client.api.api_version
                raise needs_newer(mount, version, f"container {others[0]}")


def keeps_sub_paths(api_version: str) -> bool:
    """Whether an engine that speaks this API keeps a subPath inside its volume."""
    return at_least(api_version, _KEPT_BY_ENGINE)


def check_pod(mount: Mount, api_version: str) -> None:
    """Refuse a bind whose path a container of the same pod could change."""
    if mount.changed_by:
        who = f'container "{mount.changed_by[0]}" of this pod'
        raise needs_newer(mount, api_version, who)


def needs_newer(mount: Mount, api_version: str, who: str) -> MountUnsafe:
    return MountUnsafe(
        f"{_title(mount)} needs Docker 26 or newer (API 1.45), since {who} can write "
        f"there and put a symbolic link in its place; this engine has API {api_version}"
    )


def writers(listed: Iterable[Json], path: str) -> list[str]:
    """Names of containers that could replace a part of `path`, a path on the host.

    `listed` is the answer to GET /containers/json. Paths are compared by name.
    """
    parent = normpath(path).rpartition("/")[0]
    return [
        entry["Names"][0].lstrip("/")
        for entry in listed
        if not _is_sandbox(entry)
        and any(
            mount.get("RW") and _holds(mount.get("Source") or "", parent)
            for mount in entry.get("Mounts") or ()
        )
    ]


def _is_sandbox(entry: Json) -> bool:
    """A sandbox mounts volumes, but its process never writes."""
    kind = (entry.get("Labels") or {}).get(CONTAINER_TYPE)
    return kind == "podsandbox" and entry["Image"].startswith("supervisor/pause")


def _holds(folder: str, path: str) -> bool:
    root = normpath(folder).rstrip("/") if folder else "\0"
    return f"{path}/".startswith(f"{root}/")


def _title(mount: Mount) -> str:
    return f'subPath "{mount.sub_path}" of volume "{mount.volume}"'
