"""`supervisor restore FILE`: put a backup in the place of the daemon's store.

Rules
- The daemon must be stopped: the lock of the state folder says whether it is.
- The store that is there is kept beside it, under a name with the time.
- What runs on the engines and is not in the backup is held, not removed: the daemon's
  agents find it when they start (agent/pods/custody).
"""

import sys
import time
from pathlib import Path

from supervisor.app import cluster_id, settings
from supervisor.app.settings import SettingsError
from supervisor.app.state_dir import StateDir, StateDirBusy
from supervisor.store.base import StoreError
from supervisor.store.sqlite import backup


def run(*, file: Path, config: Path | None, state_dir: Path | None) -> int:
    """The exit code; what happened is printed."""
    try:
        folder = state_dir or settings.load(config).state_path
        state = StateDir(folder)
        try:
            lines = _restore(file, state.path)
        finally:
            state.close()
    except (SettingsError, StateDirBusy, StoreError, OSError) as error:
        sys.stderr.write(f"error: {_reason(error)}\n")
        return 1
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _restore(file: Path, folder: Path) -> list[str]:
    store = folder / "store.db"
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside = folder / f"store-before-restore-{stamp}.db"
    had_one = store.exists()
    count = backup.restore(file, store, aside=aside)
    # The containers to be found are those of the restored store.
    cluster_id.forget(folder)
    lines = [f"{store}: {count} objects restored from {file}"]
    if had_one:
        lines.append(f"the store that was there is kept as {aside}")
    lines.append(
        "start the daemon; pods that run and are not in the backup are left as they "
        "are, until `supervisor adopt` decides"
    )
    return lines


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)
