"""Remove the Docker volumes of PersistentVolumes that are deleted.

Rules
- Only the agent of the volume's node acts, and only on volumes that were made for a
  PersistentVolume: the finalizer says so, and a label on the engine.
- The finalizer goes after the data: a volume is never forgotten while its data remains.

Follows what the external provisioner of a CSI driver does.
"""

import logging

from supervisor.client.base import Client, WatchEvent
from supervisor.client.feed import SYNCED, Feed
from supervisor.kinds.identity import NODE, PERSISTENT_VOLUME
from supervisor.machinery.clock import Clock
from supervisor.machinery.controller import Controller
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object, decode
from supervisor.model.storage import DOCKER_DRIVER, DOCKER_FINALIZER, PersistentVolume
from supervisor.placement.node_selection import allows
from supervisor.runtime.base import RuntimeFailure, Volumes

_VOLUMES = PERSISTENT_VOLUME.resource
_log = logging.getLogger(__name__)


class VolumeRemover:
    """`node` is the name of the agent's node."""

    def __init__(
        self, client: Client, volumes: Volumes, node: str, clock: Clock
    ) -> None:
        self._client = client
        self._volumes = volumes
        self._node = node
        self.controller: Controller[str] = Controller(
            "volume-remover", self._remove, clock, expected=(ApiError, RuntimeFailure)
        )
        self._feed = Feed(client, _VOLUMES, self.hear, name=f"{node}-{_VOLUMES}")

    def start(self) -> None:
        self._feed.start()
        self.controller.start()

    def stop(self, timeout: float) -> None:
        self._feed.stop(0)
        self.controller.stop(timeout)

    def hear(self, event: WatchEvent) -> None:
        """A volume has changed; must not block."""
        if event.type not in (SYNCED, "DELETED") and _is_to_be_removed(event.object):
            self.controller.wake(event.object["metadata"]["name"])

    def _remove(self, name: str) -> float | None:
        try:
            obj = self._client.get(_VOLUMES, name)
            node = self._client.get(NODE.resource, self._node)
        except ApiError as error:
            if error.code == 404:
                return None
            raise
        volume = decode(PersistentVolume, obj)
        affinity, source = volume.spec.node_affinity, volume.spec.csi
        labels = node["metadata"].get("labels") or {}
        is_here = affinity and allows(affinity.required, self._node, labels)
        if not is_here or not _is_to_be_removed(obj):
            return None
        if source is not None and source.driver == DOCKER_DRIVER:
            self._volumes.remove_volume(source.volume_handle)
            _log.info("removed the Docker volume of PersistentVolume %s", name)
        kept = [f for f in volume.metadata.finalizers if f != DOCKER_FINALIZER]
        meta = {"uid": volume.metadata.uid, "finalizers": kept}
        self._client.patch(_VOLUMES, name, "", {"metadata": meta})
        return None


def _is_to_be_removed(volume: Object) -> bool:
    """Whether it is deleted, and nothing but its data is left."""
    meta = volume["metadata"]
    return bool(
        meta.get("deletionTimestamp") and meta.get("finalizers") == [DOCKER_FINALIZER]
    )
