"""Identities of the stores that a state folder has held, oldest first.

A store that was restored, or made anew after a loss, has a new identity, while the
engines' claims still name the one before (runtime/ownership). The lock of the state
folder proves that no daemon works with that one any more, so its claims are taken back
without an order. The list therefore belongs to the folder, and not to the store: a
backup does not carry it, and a copy restored elsewhere gets no engine by itself.
"""

import logging
from pathlib import Path

from supervisor.machinery import private_files

_FILE = "stores"
_MOST = 100
_log = logging.getLogger(__name__)


def record(folder: Path, identity: str) -> frozenset[str]:
    """Record that the folder, which is locked, holds this store now; the ones before.

    What cannot be read or written is logged: engines may then wait for an order.
    """
    path = folder / _FILE
    known: list[str] = []
    try:
        if path.exists():
            known = path.read_text(errors="replace").split()[-_MOST:]
        if not known or known[-1] != identity:
            present = [*(each for each in known if each != identity), identity]
            text = "".join(f"{each}\n" for each in present[-_MOST:])
            private_files.write(path, text.encode())
    except OSError as error:
        _log.warning("%s is not up to date: %s", path, error.strerror)
    return frozenset(known) - {identity}
