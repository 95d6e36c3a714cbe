"""The claims of a pod: where their volumes are, or may be made.

Rules
- A bound claim allows the nodes on which its volume can be mounted.
- A claim that waits for its first consumer allows the nodes for which a volume exists
  or can be made. The chosen node is written into the claim, and the pod gets its node
  after the claim has its volume (`to_choose`).

Pure.

Follows pkg/scheduler/framework/plugins/volumebinding and volumerestrictions.
"""

from supervisor.controllers.scheduling.base import FITS, Check, Reasons
from supervisor.controllers.scheduling.cluster import Cluster
from supervisor.controllers.scheduling.node_info import NodeInfo
from supervisor.controllers.scheduling.pod_info import PodInfo
from supervisor.controllers.scheduling.storage import Storage, claim_names
from supervisor.controllers.storage import matching
from supervisor.model.pod import Pod
from supervisor.model.storage import PersistentVolumeClaim

_ELSEWHERE = "node(s) didn't match PersistentVolume's node affinity"
_NOT_HERE = "node(s) didn't find available persistent volumes to bind"
_UNBOUND = "pod has unbound immediate PersistentVolumeClaims"
_IN_USE = (
    "node has pod using PersistentVolumeClaim with the same name and "
    "ReadWriteOncePod access mode"
)


def volumes(info: PodInfo, cluster: Cluster) -> Check | None:
    pod, storage = info.pod, cluster.storage
    if not claim_names(pod):
        return None
    found = list(storage.of(pod))
    everywhere = tuple(
        reason
        for name, claim in found
        if (reason := _on_no_node(pod, name, claim, storage))
    )

    def check(node: NodeInfo) -> Reasons:
        if everywhere:
            return everywhere[:1]
        for _, claim in found:
            if claim is not None and (reason := _on_node(claim, node, storage)):
                return (reason,)
        return FITS

    return check


def _on_no_node(
    pod: Pod, name: str, claim: PersistentVolumeClaim | None, storage: Storage
) -> str:
    """Why a claim allows no node at all; empty if it may."""
    if claim is None:
        return f'persistentvolumeclaim "{name}" not found'
    if claim.metadata.deletion_timestamp:
        return f'persistentvolumeclaim "{name}" is being deleted'
    if claim.status.phase == "Lost":
        volume = claim.spec.volume_name
        return f'persistentvolumeclaim "{name}" bound to non-existent volume "{volume}"'
    if "ReadWriteOncePod" in claim.spec.access_modes:
        users = storage.users.get((pod.metadata.namespace, name), ())
        if any(uid != pod.metadata.uid for uid in users):
            return _IN_USE
    if storage.volume_of(claim) is None and not storage.waits(claim):
        return _UNBOUND
    return ""


def _on_node(claim: PersistentVolumeClaim, node: NodeInfo, storage: Storage) -> str:
    place = (node.name, node.labels)
    volume = storage.volume_of(claim)
    if volume is not None:
        return "" if matching.is_on(volume, place) else _ELSEWHERE
    return "" if storage.allows(claim, place) else _NOT_HERE


def to_choose(pod: Pod, storage: Storage) -> tuple[str, ...]:
    """The claims of a pod that have to be bound before the pod gets its node."""
    return tuple(
        name
        for name, claim in storage.of(pod)
        if claim is not None and storage.volume_of(claim) is None
    )
