"""Archives of images of the fake engine."""

import json
from collections.abc import Iterable, Iterator

from supervisor.runtime.base import EngineRefused, EngineUnavailable, Image

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


def tagged(name: str) -> str:
    """`name` with the tag that Docker takes it to have."""
    return name if "@" in name or ":" in name.rpartition("/")[2] else f"{name}:latest"
