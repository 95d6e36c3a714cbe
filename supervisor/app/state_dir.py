"""The folder that holds a daemon's state, and the lock that keeps it to one daemon."""

import fcntl
import os
from pathlib import Path
from typing import IO


class StateDirBusy(Exception):
    """Another daemon has the folder."""


class StateDir:
    """Opens and locks `path`, creating it (mode 0700) when missing.

    The lock goes with the process, however it ends. Raises StateDirBusy, OSError.
    """

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = path
        self._lock: IO[str] = (path / "lock").open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.seek(0)
            holder = self._lock.read().strip() or "unknown"
            self._lock.close()
            raise StateDirBusy(
                f"{path} is in use by another daemon (process {holder}); "
                "stop it, or give this one another --state-dir"
            ) from None
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()

    def close(self) -> None:
        self._lock.close()
