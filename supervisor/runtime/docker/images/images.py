"""The images part of the contract.

A name means what it means to Docker: tag, digest or the start of an id; without a tag,
`latest`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import docker.errors
from docker.utils import parse_repository_tag

from supervisor.model.streams import ImageArchive
from supervisor.model.times import to_seconds
from supervisor.runtime.base import Image, ImagePullFailed, NotFound
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.images.transfer import Transfers

Json = Mapping[str, Any]

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def architecture(machine: str) -> str:
    """Go's name for the kernel's name of an architecture."""
    return ARCHITECTURES.get(machine, machine)


class DockerImages:
    """Satisfies Images."""

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._transfers = Transfers(client)
        #: The USER of each image, by image id.
        self._users: dict[str, str] = {}

    def image(self, name: str) -> Image | None:
        with translated():
            try:
                found = self._client.api.inspect_image(name)
            except docker.errors.NotFound:
                return None
            image = _to_image(found, to_seconds(found["Created"]))
            self._users[image.id] = image.user
            return image

    def images(self) -> Sequence[Image]:
        with translated():
            listed = self._client.api.images()
            return [self._listed(entry) for entry in listed]

    def _listed(self, entry: Json) -> Image:
        if entry["Id"] not in self._users:
            try:
                self._users[entry["Id"]] = _user(
                    self._client.api.inspect_image(entry["Id"])
                )
            except docker.errors.NotFound:
                self._users[entry["Id"]] = ""
        return _to_image(entry, float(entry["Created"]), self._users[entry["Id"]])

    def pull(self, name: str, progress: Callable[[str], None] | None = None) -> Image:
        repository, tag = parse_repository_tag(name)
        with translated():
            try:
                lines = self._client.slow.pull(
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

    def save_image(self, name: str) -> ImageArchive:
        image = self.image(name)
        if image is None:
            raise NotFound(f"No such image: {name}")
        return self._transfers.save(name, image)

    def load_image(self, archive: Iterable[bytes]) -> None:
        self._transfers.load(archive)


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
    """Handle one line of a pull, which reports progress or a failure."""
    if error := line.get("error"):
        raise ImagePullFailed(str(error))
    if progress and line.get("status") and not line.get("progressDetail"):
        layer = f"{line['id']}: " if line.get("id") else ""
        progress(f"{layer}{line['status']}")
