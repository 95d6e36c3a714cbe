"""The nodes of the configuration file, as Engine objects.

Rules
- The file decides: its nodes are made and changed at each start, and those that have
  left it are removed, as `supervisor node remove` does it.
- An Engine that a user has made is never taken over: its name in the file is a mistake.
"""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from supervisor.app import configured_files
from supervisor.app.settings import (
    NodeSettings,
    SettingsError,
    engine_address,
    node_name,
)
from supervisor.client.base import Client
from supervisor.kinds import engines, writing
from supervisor.kinds.identity import ENGINE
from supervisor.model.engine import FROM_CONFIGURATION, SOURCE, named_files
from supervisor.model.meta import Object

_log = logging.getLogger(__name__)
#: What the file calls the fields of an Engine.
_IN_FILE = {"metadata.name": "name", "spec.endpoint": "engine"}
#: Docker's own names for the files in $DOCKER_CERT_PATH.
_DOCKER_FILES = ("ca.pem", "cert.pem", "key.pem")


class ConfiguredEngines:
    def __init__(self, client: Client, nodes: Sequence[NodeSettings]) -> None:
        """Raises SettingsError for a node that the API would not take."""
        self._client = client
        self._wanted: dict[str, Object] = {}
        #: Wanted ones that must first be gone, by name.
        self._returning: dict[str, Object] = {}
        for place, node in enumerate(nodes):
            wanted = engine_object(node)
            _check(wanted, f"nodes[{place}]")
            self._wanted[wanted["metadata"]["name"]] = wanted

    @property
    def files(self) -> dict[str, frozenset[str]]:
        """The paths that the file names for each of its nodes."""
        return {
            name: frozenset(named_files(wanted["spec"]).values())
            for name, wanted in self._wanted.items()
        }

    def apply(self) -> None:
        """Raises SettingsError where the file and users say different things."""
        present = self._present()
        for name, wanted in self._wanted.items():
            if name in present and not _is_ours(present[name]):
                raise SettingsError(_both(wanted, present[name]))
        for name, obj in present.items():
            if name not in self._wanted and _is_ours(obj):
                _log.info("node %s has left the configuration and is removed", name)
                self._client.delete(ENGINE.resource, name)
        for name, wanted in self._wanted.items():
            self._put(wanted, present.get(name))

    def known_files(self, folder: Path) -> configured_files.Files:
        """The paths that the file names, or named, for each node that there is."""
        return configured_files.record(folder, self.files, self._present())

    def again(self, name: str) -> None:
        """Make an Engine that had to be gone before."""
        wanted = self._returning.pop(name, None)
        if wanted is not None:
            _log.info("node %s is in the configuration, and is made anew", name)
            self._client.create(ENGINE.resource, wanted)

    def _present(self) -> dict[str, Object]:
        engines = self._client.list(ENGINE.resource).items
        return {obj["metadata"]["name"]: obj for obj in engines}

    def _put(self, wanted: Object, present: Object | None) -> None:
        name = wanted["metadata"]["name"]
        if present is None:
            self._client.create(ENGINE.resource, wanted)
        elif "deletionTimestamp" in present["metadata"]:
            _log.warning("node %s is being removed, and comes back after that", name)
            self._returning[name] = wanted
        elif present.get("spec") != wanted["spec"]:
            _log.info("node %s is changed as the configuration says", name)
            self._client.update(ENGINE.resource, present | {"spec": wanted["spec"]})


def engine_object(node: NodeSettings) -> Object:
    """The Engine of a node in the file, complete."""
    spec: Object = {"endpoint": engine_address(node), "network": node.network}
    given = {
        "labels": dict(node.labels),
        "tls": _tls(node),
        "insecure": node.insecure,
        "reach": node.reach,
        "publishAddress": node.publish_address,
        "sshConfig": node.ssh_config,
    }
    spec |= {field: value for field, value in given.items() if value}
    obj: Object = {
        **ENGINE.head,
        "metadata": {
            "name": node_name(node),
            "annotations": {SOURCE: FROM_CONFIGURATION},
        },
        "spec": spec,
    }
    writing.complete(engines.KIND, obj)
    return obj


def _tls(node: NodeSettings) -> Object:
    """The files that the node names, else those of Docker's own environment."""
    files = {
        "caFile": node.tls.ca_file,
        "certFile": node.tls.cert_file,
        "keyFile": node.tls.key_file,
    }
    given = {field: path for field, path in files.items() if path}
    from_environment = not node.engine and os.environ.get("DOCKER_TLS_VERIFY")
    if given or not from_environment or not engine_address(node).startswith("tcp:"):
        return given
    folder = Path(os.environ.get("DOCKER_CERT_PATH") or Path.home() / ".docker")
    paths = [str(folder / name) for name in _DOCKER_FILES]
    return dict(zip(files, paths, strict=True))


def _check(wanted: Object, where: str) -> None:
    for wrong in writing.validate_new(engines.KIND, wanted):
        field = _IN_FILE.get(wrong.field, wrong.field.removeprefix("spec."))
        raise SettingsError(f"{where}.{field}: {wrong.message}")


def _is_ours(engine: Object) -> bool:
    annotations = engine["metadata"].get("annotations") or {}
    return bool(annotations.get(SOURCE) == FROM_CONFIGURATION)


def _both(wanted: Object, present: Object) -> str:
    name = wanted["metadata"]["name"]
    return (
        f"nodes: {name!r} ({wanted['spec']['endpoint']}) is also the name of a node "
        f"that was added while the daemon ran ({present['spec']['endpoint']}): give "
        "the one in the file another name, or take it out of the file"
    )
