"""Images of an engine: what is there, pulling, and our own pause image.

Rules
- A name means what Docker takes it to mean: tag, digest or the start of an id; no tag
  is `latest`.
- The pause image is imported from the binary in this package under a tag made of its
  content, so an engine that has it needs nothing, and a newer one is another image.
"""

import hashlib
import io
import tarfile
import threading
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any

import docker.errors
from docker.utils import parse_repository_tag

from supervisor.model.times import to_seconds
from supervisor.runtime.base import EngineRefused, Image, ImagePullFailed, NotFound
from supervisor.runtime.docker.engine import Engine
from supervisor.runtime.docker.errors import translated

Json = Mapping[str, Any]

_PAUSE = "supervisor/pause"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def architecture(machine: str) -> str:
    """The kernel's word for a machine as Go's."""
    return _ARCHITECTURES.get(machine, machine)


class Images:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._users: dict[str, str] = {}
        self._pause = ""
        self._machine = ""

    def image(self, name: str) -> Image | None:
        with translated():
            try:
                found = self._engine.api.inspect_image(name)
            except docker.errors.NotFound:
                return None
            image = _to_image(found, to_seconds(found["Created"]))
            self._users[image.id] = image.user
            return image

    def images(self) -> Sequence[Image]:
        with translated():
            listed = self._engine.api.images()
            return [self._listed(entry) for entry in listed]

    def _listed(self, entry: Json) -> Image:
        if entry["Id"] not in self._users:
            try:
                self._users[entry["Id"]] = _user(
                    self._engine.api.inspect_image(entry["Id"])
                )
            except docker.errors.NotFound:
                self._users[entry["Id"]] = ""
        return _to_image(entry, float(entry["Created"]), self._users[entry["Id"]])

    def pull(self, name: str, progress: Callable[[str], None] | None) -> Image:
        repository, tag = parse_repository_tag(name)
        with translated():
            try:
                lines = self._engine.slow.pull(
                    repository, tag or "latest", stream=True, decode=True
                )
                for line in lines:
                    _follow(line, progress)
            except docker.errors.APIError as error:
                raise ImagePullFailed(str(error.explanation or error)) from error
        image = self.image(name)
        if image is None:
            raise ImagePullFailed(f"{name} was pulled, and removed again at once")
        return image

    # -- the pause image
    def pause_name(self) -> str:
        """The name of the image that sandboxes are made of."""
        if not self._pause:
            digest = hashlib.sha256(self._pause_binary()).hexdigest()
            self._pause = f"{_PAUSE}:{digest[:12]}"
        return self._pause

    def bring_pause(self) -> None:
        """Import the pause image, which the engine does not have."""
        repository, tag = parse_repository_tag(self.pause_name())
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            binary = self._pause_binary()
            entry = tarfile.TarInfo("pause")
            entry.size, entry.mode = len(binary), 0o755
            tar.addfile(entry, io.BytesIO(binary))
        with self._lock, translated():
            self._engine.slow.import_image_from_data(
                archive.getvalue(), repository, tag, ['ENTRYPOINT ["/pause"]']
            )
        if self.image(self.pause_name()) is None:
            raise NotFound(f"the engine did not take the image {self.pause_name()}")

    def _pause_binary(self) -> bytes:
        if not self._machine:
            with translated():
                # Not of /info, which may have to wait: see agent/node/machine.py.
                self._machine = self._engine.api.version()["Arch"]
        machine = self._machine
        binary = files("supervisor.runtime") / "pause" / f"pause-{machine}"
        if not binary.is_file():
            raise EngineRefused(
                f"there is no pause program for {machine}; there is one for "
                f"{' and '.join(sorted(_ARCHITECTURES.values()))}"
            )
        return binary.read_bytes()


def _user(inspected: Json) -> str:
    return str((inspected.get("Config") or {}).get("User") or "")


def _to_image(found: Json, created_at: float, user: str | None = None) -> Image:
    names = [*(found["RepoTags"] or ()), *(found["RepoDigests"] or ())]
    return Image(
        id=found["Id"],
        names=tuple(n for n in names if not n.startswith("<none>")),
        size_bytes=found["Size"],
        user=_user(found) if user is None else user,
        created_at=created_at,
    )


def _follow(line: Json, progress: Callable[[str], None] | None) -> None:
    """One line of a pull's progress, which is also how it tells of a failure."""
    if error := line.get("error"):
        raise ImagePullFailed(str(error))
    if progress and line.get("status") and not line.get("progressDetail"):
        layer = f"{line['id']}: " if line.get("id") else ""
        progress(f"{layer}{line['status']}")
