"""A private folder for the sockets of one tunnel, removed after its process has ended.

Rules
- Only our user can enter it: whoever can use these sockets is root on the host.
- A file lock marks a folder as in use. The kernel releases it when the process ends, so
  the next process finds and removes folders that a killed one has left.
- The path is short: that of a Unix socket is limited to about a hundred characters.
"""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

_PREFIX = "supervisor-ssh-"
_LOCK = "lock"
_MAX_LENGTH = 60


class SocketFolder:
    def __init__(self, parent: str = "") -> None:
        """Created in `parent`, by default in a runtime or temporary directory. Raises
        OSError."""
        where = parent or _parent()
        _sweep(where)
        # mkdtemp creates it with mode 0700.
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=where))
        unlocked = self.path / "new"
        self._lock = os.open(unlocked, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        # Renamed only now, so that under its final name it is always locked.
        unlocked.rename(self.path / _LOCK)

    def close(self) -> None:
        """Remove it with its content."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _parent() -> str:
    wanted = [os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir()]
    fit = [p for p in wanted if p and len(p) <= _MAX_LENGTH and os.access(p, os.W_OK)]
    return fit[0] if fit else "/tmp"


def _sweep(parent: str) -> None:
    """Remove the folders of processes that have ended."""
    for folder in Path(parent).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder.stat().st_uid == os.getuid() and not _is_in_use(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_in_use(folder: Path) -> bool:
    """Raises OSError for a folder that has no lock yet."""
    lock = os.open(folder / _LOCK, os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
