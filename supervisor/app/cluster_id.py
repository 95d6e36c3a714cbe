"""The name by which a daemon finds its containers: the setting, or an id that is kept.

Rules
- The id is that of the namespace kube-system, as upstream's tools do it, when the
  state folder was first used. It is kept in a file of its own beside the store: with a
  store that was lost, the containers would otherwise be those of nobody.
"""

import logging
from pathlib import Path

from supervisor.client.base import Client
from supervisor.kinds.identity import NAMESPACE
from supervisor.machinery import private_files
from supervisor.model.system_namespaces import SYSTEM

_FILE = "cluster-id"
_log = logging.getLogger(__name__)


def find(folder: Path, client: Client) -> str:
    path = folder / _FILE
    try:
        kept = path.read_text().strip()
    except FileNotFoundError:
        kept = ""
    if kept:
        return kept
    uid = str(client.get(NAMESPACE.resource, SYSTEM)["metadata"]["uid"])
    try:
        private_files.write(path, f"{uid}\n".encode())
    except OSError as error:
        _log.warning("%s cannot be written: %s", path, error.strerror)
    return uid


def forget(folder: Path) -> None:
    """The store was replaced: its own id counts from now on."""
    (folder / _FILE).unlink(missing_ok=True)
