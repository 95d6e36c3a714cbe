"""The claims of pods, and the volumes and classes behind them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from supervisor.controllers.storage import matching
from supervisor.controllers.storage.sight import ClaimKey, class_of
from supervisor.model.pod import Pod
from supervisor.model.storage import (
    DOCKER_PROVISIONER,
    SELECTED_NODE,
    WAIT_FOR_CONSUMER,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)

_Node = tuple[str, Mapping[str, str]]
"""Name and labels."""


@dataclass(frozen=True)
class Storage:
    claims: Mapping[ClaimKey, PersistentVolumeClaim] = field(default_factory=dict)
    volumes: Mapping[str, PersistentVolume] = field(default_factory=dict)
    classes: Mapping[str, StorageClass] = field(default_factory=dict)
    users: Mapping[ClaimKey, Sequence[str]] = field(default_factory=dict)
    """Uids of the pods that have a node and use each claim."""

    def of(self, pod: Pod) -> Iterator[tuple[str, PersistentVolumeClaim | None]]:
        """The claims of a pod by name; None for one that does not exist."""
        for name in claim_names(pod):
            yield name, self.claims.get((pod.metadata.namespace, name))

    def volume_of(self, claim: PersistentVolumeClaim) -> PersistentVolume | None:
        """The volume of a bound claim; None for one that is not bound."""
        if claim.status.phase != "Bound":
            return None
        return self.volumes.get(claim.spec.volume_name)

    def waits(self, claim: PersistentVolumeClaim) -> bool:
        """Whether a node is chosen before the claim is bound."""
        found = self.classes.get(class_of(claim) or "")
        return found is not None and found.volume_binding_mode == WAIT_FOR_CONSUMER

    def allows(self, claim: PersistentVolumeClaim, node: _Node) -> bool:
        """Whether a claim that waits can get a volume on the node."""
        chosen = (claim.metadata.annotations or {}).get(SELECTED_NODE)
        if chosen:
            return chosen == node[0]
        if matching.best(claim, self.volumes.values(), node) is not None:
            return True
        found = self.classes.get(class_of(claim) or "")
        return found is not None and found.provisioner == DOCKER_PROVISIONER


def claim_names(pod: Pod) -> list[str]:
    sources = (v.persistent_volume_claim for v in pod.spec.volumes)
    return [source.claim_name for source in sources if source is not None]
