"""The folder that holds a daemon's state, and the lock that keeps it to one daemon."""

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path

_MAX_DIGITS = 20


class StateDirBusy(Exception):
    """Another daemon has the folder."""


class StateDir:
    """Opens and locks `path`, creating it (mode 0700) when missing.

    The lock goes with the process, however it ends. Raises StateDirBusy, OSError.
    """

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = path
        self._lock = _open_lock(path)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(self._lock)
            os.close(self._lock)
            raise StateDirBusy(
                f"{path} is in use by another daemon (process {holder}); "
                "stop it, or give this one another --state-dir"
            ) from None
        # Who holds the lock is a courtesy: a full disk must not keep us from starting.
        with suppress(OSError):
            os.ftruncate(self._lock, 0)
            os.pwrite(self._lock, str(os.getpid()).encode(), 0)

    def close(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _open_lock(folder: Path) -> int:
    """The lock's file; the folder itself where there is no room for one."""
    try:
        return os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        return os.open(folder, os.O_RDONLY | os.O_CLOEXEC)


def _holder(lock: int) -> str:
    try:
        return os.pread(lock, _MAX_DIGITS, 0).decode().strip() or "unknown"
    except OSError:
        return "unknown"
