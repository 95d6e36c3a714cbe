"""The images part of the fake engine, and archives of its images."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence

from supervisor.model.streams import ImageArchive
from supervisor.runtime.base import (
    EngineRefused,
    EngineUnavailable,
    Image,
    ImagePullFailed,
    NotFound,
)
from tests.fakes.runtime.state import FakeState, tagged

_PIECE = 64


class FakeArchive:
    """Satisfies model.streams.ImageArchive."""

    def __init__(self, image: Image) -> None:
        said = {
            "id": image.id,
            "names": list(image.names),
            "size": image.size_bytes,
            "user": image.user,
            "created": image.created_at,
        }
        self._data = json.dumps(said).encode()
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._data), _PIECE):
            if self.closed:
                raise EngineUnavailable("the image's archive was closed")
            yield self._data[start : start + _PIECE]

    def close(self) -> None:
        self.closed = True


def unpacked(archive: Iterable[bytes]) -> Image:
    """The image in an archive. Raises EngineRefused for what is none."""
    data = b"".join(archive)
    try:
        said = json.loads(data)
    except ValueError:
        raise EngineRefused("invalid archive") from None
    return Image(
        said["id"], tuple(said["names"]), said["size"], said["user"], said["created"]
    )


class FakeImages(FakeState):
    def add_image(self, name: str, *, user: str = "", size_bytes: int = 1000) -> Image:
        """An image that is on the engine already."""
        with self._lock:
            name = tagged(name)
            image_id = f"sha256:{len(self._images) + 1:064x}"
            at = self._clock.now()
            image = Image(image_id, (name,), size_bytes, user, at)
            self._images[name] = image
            return image

    def image(self, name: str) -> Image | None:
        with self._lock:
            self._answer()
            by_id = {i.id: i for i in self._images.values()}
            return by_id.get(name) or self._images.get(tagged(name))

    def images(self) -> Sequence[Image]:
        with self._lock:
            self._answer()
            return tuple(self._images.values())

    def pull(self, name: str, progress: Callable[[str], None] | None = None) -> Image:
        with self._lock:
            self._call("pull", name)
            if error := self._pull_errors.get(tagged(name)):
                raise ImagePullFailed(error)
            found = self._images.get(tagged(name))
            if not found and name not in self.registry:
                raise ImagePullFailed(f"manifest for {tagged(name)} not found")
            if progress:
                progress(f"Pulling from {name}")
            return found or self.add_image(name)

    def save_image(self, name: str) -> ImageArchive:
        with self._lock:
            self._call("save_image", name)
            image = self.image(name)
            if image is None:
                raise NotFound(f"No such image: {name}")
            return FakeArchive(image)

    def load_image(self, archive: Iterable[bytes]) -> None:
        self._call("load_image")
        image = unpacked(archive)
        with self._lock:
            self._images |= dict.fromkeys(image.names, image)
