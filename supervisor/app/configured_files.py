"""Files that the settings have named for nodes, also for those that have left them.

A node that leaves the settings is removed, and its engine is cleared with the
certificates that the settings named for it. They are therefore remembered in the state
folder until its Engine is gone. An Engine cannot say it itself: anyone who may write
Engines could name any file.
"""

import json
import logging
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

from supervisor.machinery import private_files

_FILE = "engine-files.json"
_log = logging.getLogger(__name__)

Files = Mapping[str, AbstractSet[str]]
"""Paths, by the name of the node that they are named for."""


def record(folder: Path, configured: Files, present: Collection[str]) -> Files:
    """Record what the settings name; with it, what they named for other nodes.

    `present` are the Engines that there are. What cannot be read or written is logged:
    the removal of a node then waits until the settings name its files again.
    """
    path = folder / _FILE
    known = _read(path)
    left = {name: known[name] for name in known if name in present}
    files = left | dict(configured)
    if files != known:
        text = json.dumps({name: sorted(files[name]) for name in sorted(files)})
        try:
            private_files.write(path, text.encode())
        except OSError as error:
            _log.warning("%s is not up to date: %s", path, error.strerror)
    return files


def _read(path: Path) -> dict[str, AbstractSet[str]]:
    try:
        stored = json.loads(path.read_bytes())
        return {str(name): frozenset(map(str, stored[name])) for name in stored}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, LookupError) as error:
        _log.warning("%s cannot be read: %s", path, error)
        return {}
