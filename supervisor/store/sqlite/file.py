"""Whether the files that SQLite has open are still those at their paths.

SQLite holds its files open and would go on writing to one that was deleted or replaced,
where nobody finds it again.
"""

import os

_SUFFIXES = ("", "-wal")


class OpenFile:
    """The database at `path` as it is now, and its log."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._seen = {suffix: _identity(path + suffix) for suffix in _SUFFIXES}

    def trouble(self) -> str:
        """What has become of the files; empty while they are the same."""
        for suffix, seen in self._seen.items():
            now = _identity(self.path + suffix)
            if seen is not None and now != seen:
                what = "has been removed" if now is None else "has been replaced"
                return (
                    f"{self.path}{suffix} {what} while it was in use; what was written "
                    "until then can still be saved with `supervisor backup`, and then "
                    "restored while the daemon is stopped"
                )
        return ""


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
