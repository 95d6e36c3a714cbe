"""Docker hosts that a demo may switch off, with a supervisor that has them as nodes."""

from pathlib import Path
from typing import Protocol

from scripts.telling import Telling


class Hosts(Protocol):
    """Use as a context; leaving it leaves nothing behind unless `keep` was called."""

    @property
    def kubeconfig(self) -> Path: ...

    def __enter__(self) -> "Hosts": ...
    def __exit__(self, *_: object) -> None: ...

    def up(self, telling: Telling) -> None:
        """Start hosts and supervisor; returns when the kubeconfig is there."""

    def kill(self, name: str, telling: Telling) -> None:
        """The host loses its power."""

    def start(self, name: str, telling: Telling) -> None:
        """The host is switched on again; its disk is as it was."""

    def load(self, image: str, telling: Telling) -> None:
        """Bring an image of this machine's engine to all hosts."""

    def containers(self, name: str) -> list[str]:
        """Names of all containers on the engine of a host, dead ones too."""

    def keep(self) -> None:
        """Leave all of it running."""

    def down(self) -> None:
        """End what an earlier run has left running."""

    def log(self) -> str:
        """The end of what the supervisor has said."""
