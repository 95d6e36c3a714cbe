"""Daily copies of the store in the folder `snapshots`, of which the newest are kept.

Rules
- Their names have the time, in UTC, and decide: `supervisor restore` takes any of them.
- A copy that cannot be made is told in the log, and tried again an hour later.
"""

import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from supervisor.store.base import Store, StoreError

PERIOD_SECONDS = 86400.0
RETRY_SECONDS = 3600.0
_NAME = re.compile(r"store-(\d{8}T\d{6}Z)\.db")
_FORMAT = "%Y%m%dT%H%M%SZ"
_log = logging.getLogger(__name__)


class Snapshots:
    """Keeps the newest `keep`; 0 makes none, and leaves those that are there."""

    def __init__(self, store: Store, folder: Path, *, keep: int) -> None:
        self._store = store
        self._folder = folder
        self._keep = keep

    def look(self, now: float) -> float | None:
        """Make a copy if it is time, drop those too many; when to look again."""
        if not self._keep:
            return None
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            names = [path.name for path in self._folder.iterdir()]
            if (at := due_at(names)) > now:
                return at
            name = name_of(now)
            self._store.backup(self._folder / name)
            for old in surplus([*names, name], self._keep):
                (self._folder / old).unlink(missing_ok=True)
        except (StoreError, OSError) as error:
            _log.warning("no snapshot of the store in %s: %s", self._folder, error)
            return now + RETRY_SECONDS
        _log.info("snapshot of the store: %s", self._folder / name)
        return now + PERIOD_SECONDS


def name_of(now: float) -> str:
    return f"store-{datetime.fromtimestamp(now, UTC).strftime(_FORMAT)}.db"


def due_at(names: Iterable[str]) -> float:
    """When the next copy is due; 0 when there is none yet."""
    taken = [_taken_at(name) for name in names if _NAME.fullmatch(name)]
    return max(taken) + PERIOD_SECONDS if taken else 0.0


def surplus(names: Iterable[str], keep: int) -> list[str]:
    """The oldest ones that are more than `keep`; other files are not counted."""
    ours = sorted(name for name in names if _NAME.fullmatch(name))
    return ours[: max(0, len(ours) - keep)]


def _taken_at(name: str) -> float:
    found = _NAME.fullmatch(name)
    assert found is not None
    try:
        taken = datetime.strptime(found[1], _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return 0.0
    return taken.timestamp()
