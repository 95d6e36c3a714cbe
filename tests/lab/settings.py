"""What all nodes of a lab have in common; kept in the lab's folder."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.lab.commands import LabError

_FILE = "lab.json"


@dataclass(frozen=True)
class Settings:
    tls: bool = True
    """With client certificates, at port 2376; else for anyone, at 2375."""
    live_restore: bool = False
    """Containers outlive the engine's process."""
    memory_disk: int = 0
    """MiB of a disk in memory, for each node; 0: a part of this machine's disk."""
    internet: bool = False
    """Nodes and their containers may go out through this machine."""
    dockerd: tuple[str, ...] = ()
    """More options of dockerd."""


def save(folder: Path, settings: Settings) -> None:
    (folder / _FILE).write_text(json.dumps(asdict(settings)))


def load(folder: Path) -> Settings | None:
    """None if there is no lab in the folder."""
    try:
        found: dict[str, Any] = json.loads((folder / _FILE).read_text())
        return Settings(**(found | {"dockerd": tuple(found["dockerd"])}))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        raise LabError(
            f"{folder / _FILE} is not a lab's ({error}); "
            "take the lab down with the version that made it"
        ) from error
