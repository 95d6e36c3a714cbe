"""The pause image, which the process of every sandbox runs.

It is imported from the binary in runtime/pause under a tag made of its content: an
engine that has it needs nothing, and a newer program is another image.
"""

import hashlib
import threading
from collections.abc import Callable
from importlib.resources import files
from typing import TypeVar

import docker.errors
from docker.utils import parse_repository_tag

from supervisor.runtime.base import EngineRefused, NotFound
from supervisor.runtime.docker import archives
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.images.images import ARCHITECTURES

Made = TypeVar("Made")

_REPOSITORY = "supervisor/pause"


class PauseImage:
    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._name = ""
        self._machine = ""

    def name(self) -> str:
        """The image's name for the engine's architecture."""
        if not self._name:
            digest = hashlib.sha256(self._binary()).hexdigest()
            self._name = f"{_REPOSITORY}:{digest[:12]}"
        return self._name

    def with_image(self, create: Callable[[], Made]) -> Made:
        """Call `create`; if the engine lacks the image, import it and call again."""
        try:
            return create()
        except docker.errors.ImageNotFound:
            self.load()
            return create()

    def load(self) -> None:
        """Import the image. Raises NotFound if the engine does not keep it."""
        repository, tag = parse_repository_tag(self.name())
        archive = archives.of_files({"pause": self._binary()}, 0o755)
        with self._lock, translated():
            self._client.slow.import_image_from_data(
                archive, repository, tag, ['ENTRYPOINT ["/pause"]']
            )
        with translated():
            try:
                self._client.api.inspect_image(self.name())
            except docker.errors.NotFound:
                text = f"the engine did not take the image {self.name()}"
                raise NotFound(text) from None

    def _binary(self) -> bytes:
        if not self._machine:
            with translated():
                # Not from /info, which may hang: see agent/node/machine.py.
                self._machine = self._client.api.version()["Arch"]
        machine = self._machine
        binary = files("supervisor.runtime") / "pause" / f"pause-{machine}"
        if not binary.is_file():
            raise EngineRefused(
                f"there is no pause program for {machine}; there is one for "
                f"{' and '.join(sorted(ARCHITECTURES.values()))}"
            )
        return binary.read_bytes()
