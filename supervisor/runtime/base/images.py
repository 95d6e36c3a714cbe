"""Images on an engine."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from supervisor.model.streams import ImageArchive


@dataclass(frozen=True)
class Image:
    id: str
    names: Sequence[str]
    size_bytes: int
    user: str = ""
    """The USER of the image: empty, a name, or `uid[:gid]`."""
    created_at: float = 0.0


class Images(Protocol):
    """Names mean what they mean to Docker: without a tag, `latest`."""

    def image(self, name: str) -> Image | None: ...

    def images(self) -> Sequence[Image]: ...

    def pull(self, name: str, progress: Callable[[str], None] | None = None) -> Image:
        """Call `progress` with each status line. Raises ImagePullFailed."""

    def save_image(self, name: str) -> ImageArchive:
        """The image in the format of `docker save`, as a stream that must be closed.

        An engine saves one image at a time; further calls wait. Raises NotFound.
        """

    def load_image(self, archive: Iterable[bytes]) -> None:
        """Load what `save_image` of another engine yields.

        An exception of the iteration propagates, and nothing is loaded then. An engine
        loads one image at a time; further calls wait.
        """
