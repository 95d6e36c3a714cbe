"""Which labs there are on this machine, and whose: one file each, below /run.

Rules
- A network belongs to who made its file first; so two labs never share one.
- A lab with an owner is of use only to that process. Once the owner is no more, any
  other process may take the lab down, and the next that claims a network does.
- A lab without an owner stays until it is taken down.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.lab.commands import LabError

_FOLDER = Path("/run/supervisor-labs")
_LOCK = ".lock"


@dataclass(frozen=True)
class Owner:
    pid: int
    started: str
    """In the kernel's ticks: another process may have the same id later."""

    def is_alive(self) -> bool:
        return _start_of(self.pid) == self.started


@dataclass(frozen=True)
class Record:
    network: str
    folder: str
    owner: Owner | None = None


def this_process() -> Owner:
    return Owner(os.getpid(), _start_of(os.getpid()))


def _start_of(pid: int) -> str:
    """Empty if there is no such process, or only its remains."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


class Records:
    def __init__(self, folder: Path = _FOLDER) -> None:
        self._folder = folder

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time sweeps and claims."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def all(self) -> list[Record]:
        files = sorted(self._folder.glob("*.json"))
        return [r for file in files if (r := _read(file)) is not None]

    def orphans(self) -> list[Record]:
        return [r for r in self.all() if r.owner is not None and not r.owner.is_alive()]

    def find(self, network: str) -> Record | None:
        return _read(self._file(network))

    def claim(self, record: Record) -> None:
        """LabError if the network is another lab's."""
        self._folder.mkdir(parents=True, exist_ok=True)
        new = self._folder / f".{record.network}.{os.getpid()}"
        new.write_text(json.dumps(asdict(record)))
        try:
            os.link(new, self._file(record.network))
        except FileExistsError:
            there = self.find(record.network)
            if there is not None and there.folder != record.folder:
                raise taken(there) from None
        finally:
            new.unlink()

    def forget(self, network: str) -> None:
        self._file(network).unlink(missing_ok=True)

    def _file(self, network: str) -> Path:
        return self._folder / f"{network}.json"


def taken(there: Record) -> LabError:
    return LabError(
        f"network {there.network} is that of the lab in {there.folder}: "
        "choose another, or take that one down"
    )


def _read(file: Path) -> Record | None:
    with suppress(FileNotFoundError):
        found = json.loads(file.read_text())
        owner = Owner(**found["owner"]) if found["owner"] else None
        return Record(found["network"], found["folder"], owner)
    return None
