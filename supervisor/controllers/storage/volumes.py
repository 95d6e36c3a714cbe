"""What to do about a volume. Pure.

Rules
- A volume whose claim is gone is Released. One that was made for the claim is deleted
  if its policy says so; it stays until the agent of its node has removed the data.
- A volume that is bound stays.

Follows syncVolume of pkg/controller/volume/persistentvolume/pv_controller.go.
"""

from supervisor.controllers.storage import matching
from supervisor.controllers.storage.actions import (
    Action,
    DeleteVolume,
    SetVolumePhase,
    Tell,
    Unprotect,
)
from supervisor.controllers.storage.sight import Sight, claim_ref
from supervisor.model.storage import (
    DOCKER_DRIVER,
    DOCKER_FINALIZER,
    VOLUME_PROTECTION,
    PersistentVolume,
)


def plan(volume: PersistentVolume, sight: Sight) -> list[Action]:
    name, ref = volume.metadata.name, claim_ref(volume)
    if volume.metadata.deletion_timestamp:
        return _deleted(volume, sight)
    if ref is None or not ref[1]:
        return _phase(volume, "Available", "no claim has it")
    claim = sight.claims.get(ref[0])
    if claim is not None and claim.metadata.uid == ref[1]:
        if claim.spec.volume_name == name:
            return _phase(volume, "Bound", "its claim is bound to it")
        return []
    return _released(volume)


def _released(volume: PersistentVolume) -> list[Action]:
    name, policy = volume.metadata.name, volume.spec.persistent_volume_reclaim_policy
    because = "its claim is gone"
    if volume.status.phase != "Released":
        return _phase(volume, "Released", because)
    if policy == "Delete" and is_docker(volume):
        return [DeleteVolume(name, f"{because}, and its policy is Delete")]
    if policy == "Recycle":
        text = "recycling is not supported; delete the volume, and create it again"
        return [Tell(name, "Warning", "VolumeFailedRecycle", text)]
    if policy == "Delete":
        text = "only volumes of Docker can be deleted; this one stays"
        return [Tell(name, "Warning", "VolumeFailedDelete", text)]
    return []


def is_docker(volume: PersistentVolume) -> bool:
    source = volume.spec.csi
    return source is not None and source.driver == DOCKER_DRIVER


def _deleted(volume: PersistentVolume, sight: Sight) -> list[Action]:
    name, finalizers = volume.metadata.name, volume.metadata.finalizers
    ref = claim_ref(volume)
    claim = sight.claims.get(ref[0]) if ref else None
    is_bound = claim is not None and ref is not None and claim.metadata.uid == ref[1]
    found: list[Action] = []
    if VOLUME_PROTECTION in finalizers and not is_bound:
        found.append(Unprotect(name, VOLUME_PROTECTION, "no claim is bound to it"))
    nodes = ((n, node.metadata.labels or {}) for n, node in sight.nodes.items())
    is_reachable = any(matching.is_on(volume, node) for node in nodes)
    if DOCKER_FINALIZER in finalizers and not is_bound and not is_reachable:
        found.append(Unprotect(name, DOCKER_FINALIZER, "its node is gone"))
    return found


def _phase(volume: PersistentVolume, phase: str, because: str) -> list[Action]:
    if volume.status.phase == phase:
        return []
    return [SetVolumePhase(volume.metadata.name, phase, because)]
