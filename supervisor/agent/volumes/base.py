"""The contract of a volume type: what the sandbox holds for it, and its files.

Rules
- One file per type; `types.py` lists them. A volume whose type is not listed is an
  error, and its pod waits.
- The functions of a type are pure, but for reading ConfigMaps and Secrets.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from supervisor.agent.containers.downward import Facts
from supervisor.agent.containers.environment import Objects
from supervisor.agent.pods.failures import CREATING, RETRY_SECONDS, Awaits, StartFailed
from supervisor.model.volumes import Volume
from supervisor.runtime.base import Files


class Medium(Enum):
    """What is mounted."""

    DISK = "a directory on the engine's disk"
    MEMORY = "a directory in memory"
    HOST = "a path of the host"
    CLAIMED = "what a claim is bound to"
    FILES = "files that the agent writes"


@dataclass(frozen=True)
class Context:
    """What the files of a volume are made from."""

    facts: Facts
    objects: Objects


@dataclass(frozen=True)
class Followed:
    """An object after whose changes a volume is written again."""

    resource: str
    name: str
    """In the namespace of the pod."""


class SourceMissing(Exception):
    """The files cannot be made as things are; the text is upstream's."""

    def __init__(self, message: str, awaits: Awaits | None = None) -> None:
        super().__init__(message)
        self.awaits = awaits


def no_files(_volume: Volume, _context: Context) -> Files:
    return {}


def nothing_followed(_volume: Volume) -> Iterable[Followed]:
    return ()


@dataclass(frozen=True, kw_only=True)
class VolumeType:
    source: str
    """Name of the field in the volume."""
    is_of: Callable[[Volume], bool]
    medium: Callable[[Volume], Medium]
    files: Callable[[Volume, Context], Files]
    """The files of a volume of files. Raises SourceMissing."""
    followed: Callable[[Volume], Iterable[Followed]]


def set_up_failed(
    volume: str, message: str, *, awaits: Awaits | None = None
) -> StartFailed:
    """A volume cannot be mounted yet; its pod's containers wait."""
    text = f'MountVolume.SetUp failed for volume "{volume}" : {message}'
    return StartFailed(CREATING, text, RETRY_SECONDS, awaits)
