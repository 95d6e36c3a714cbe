"""The rule `persistentvolume-binder`: claims and volumes as a whole.

Rules
- All of them are looked at together: they are few, and each look starts from the
  present. Pods are listed only if there are claims.

Follows pkg/controller/volume/{persistentvolume,pvcprotection,pvprotection}.
"""

from collections.abc import Iterable
from dataclasses import replace

from supervisor.client.base import Client, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.controllers.base import EVERYTHING
from supervisor.controllers.reading import typed
from supervisor.controllers.storage import claims as of_claims
from supervisor.controllers.storage import volumes as of_volumes
from supervisor.controllers.storage.actions import Action
from supervisor.controllers.storage.performing import Performer
from supervisor.controllers.storage.sight import ClaimKey, Sight
from supervisor.kinds.identity import (
    NODE,
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    POD,
    STORAGE_CLASS,
)
from supervisor.machinery.clock import Clock
from supervisor.model.errors import ApiError
from supervisor.model.kinds import Node
from supervisor.model.meta import Object
from supervisor.model.storage import (
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)


def keys_for(event: WatchEvent) -> Iterable[str]:
    obj = event.object
    if obj.get("kind") == POD.kind and not claims_of(obj):
        return []
    return [EVERYTHING]


def claims_of(pod: Object) -> list[str]:
    """Names of the claims that a pod mounts."""
    volumes = (pod.get("spec") or {}).get("volumes") or ()
    sources = (volume.get("persistentVolumeClaim") or {} for volume in volumes)
    return [str(source["claimName"]) for source in sources if source.get("claimName")]


class Binder:
    """The rule `persistentvolume-binder`."""

    name = "persistentvolume-binder"
    resources = (
        PERSISTENT_VOLUME_CLAIM.resource,
        PERSISTENT_VOLUME.resource,
        STORAGE_CLASS.resource,
        POD.resource,
        NODE.resource,
    )
    first_keys = (EVERYTHING,)

    def __init__(self, client: Client, clock: Clock, recorder: EventRecorder) -> None:
        self._client = client
        self._performer = Performer(client, clock, recorder)

    def keys_for(self, event: WatchEvent) -> Iterable[str]:
        return keys_for(event)

    def reconcile(self, _key: str) -> float | None:
        failure: ApiError | None = None
        for action in plan(self._read()):
            try:
                self._performer.perform(action)
            except ApiError as error:
                failure = failure or error
        if failure is not None:
            raise failure
        return None

    def _read(self) -> Sight:
        claims = {_key(c): c for c in self._list(PERSISTENT_VOLUME_CLAIM.resource)}
        volumes = {_name(v): v for v in self._list(PERSISTENT_VOLUME.resource)}
        if not claims and not volumes:
            self._performer.read({}, {}, {}, {})
            return Sight({}, {}, {}, {}, {})
        classes = {_name(c): c for c in self._list(STORAGE_CLASS.resource)}
        nodes = {_name(n): n for n in self._list(NODE.resource)}
        self._performer.read(claims, volumes, classes, nodes)
        return Sight(
            {key: typed(PersistentVolumeClaim, c) for key, c in claims.items()},
            {name: typed(PersistentVolume, v) for name, v in volumes.items()},
            {name: typed(StorageClass, c) for name, c in classes.items()},
            {name: typed(Node, n) for name, n in nodes.items()},
            self._users() if claims else {},
        )

    def _users(self) -> dict[ClaimKey, list[str]]:
        found: dict[ClaimKey, list[str]] = {}
        for pod in self._list(POD.resource):
            if (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
                continue
            node = str(pod["spec"].get("nodeName") or "")
            for name in claims_of(pod):
                key = pod["metadata"]["namespace"], name
                found.setdefault(key, []).append(node)
        return found

    def _list(self, resource: str) -> list[Object]:
        return self._client.list(resource).items


def plan(sight: Sight) -> list[Action]:
    """The actions of one pass. Each change of an object causes the next pass.

    A volume is planned for one claim only: claims come in the order of their age.
    """
    actions: list[Action] = []
    taken: set[str] = set()
    ordered = sorted(
        sight.claims.values(),
        key=lambda c: (c.metadata.creation_timestamp or "", c.metadata.uid),
    )
    for claim in ordered:
        free = {n: v for n, v in sight.volumes.items() if n not in taken}
        planned = of_claims.plan(claim, replace(sight, volumes=free))
        taken |= {name for a in planned if (name := getattr(a, "volume", ""))}
        actions += planned
    for volume in sight.volumes.values():
        actions += of_volumes.plan(volume, sight)
    return actions


def _key(claim: Object) -> ClaimKey:
    return claim["metadata"]["namespace"], claim["metadata"]["name"]


def _name(obj: Object) -> str:
    return str(obj["metadata"]["name"])
