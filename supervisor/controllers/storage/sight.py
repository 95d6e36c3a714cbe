"""What plans for claims and volumes are made from. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from supervisor.model.kinds import Node
from supervisor.model.storage import (
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)

ClaimKey = tuple[str, str]
"""Namespace and name."""
BETA_CLASS = "volume.beta.kubernetes.io/storage-class"
DEFAULT_CLASS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)


@dataclass(frozen=True)
class Sight:
    claims: Mapping[ClaimKey, PersistentVolumeClaim]
    volumes: Mapping[str, PersistentVolume]
    classes: Mapping[str, StorageClass]
    nodes: Mapping[str, Node]
    users: Mapping[ClaimKey, Sequence[str]]
    """The nodes of the pods that use each claim; empty for a pod without a node."""

    def default_class(self) -> str | None:
        """The newest of the default classes."""
        found = [c for c in self.classes.values() if _is_default(c)]
        newest = max(
            found,
            default=None,
            key=lambda c: (c.metadata.creation_timestamp or "", c.metadata.name),
        )
        return newest.metadata.name if newest else None


def _is_default(storage_class: StorageClass) -> bool:
    annotations = storage_class.metadata.annotations or {}
    return any(annotations.get(key) == "true" for key in DEFAULT_CLASS)


def key_of(claim: PersistentVolumeClaim) -> ClaimKey:
    return claim.metadata.namespace, claim.metadata.name


def class_of(obj: PersistentVolume | PersistentVolumeClaim) -> str | None:
    """The class; None for a claim that leaves it to the default."""
    beta = (obj.metadata.annotations or {}).get(BETA_CLASS)
    return beta or obj.spec.storage_class_name


def claim_ref(volume: PersistentVolume) -> tuple[ClaimKey, str] | None:
    """The claim that a volume is for, and the claim's uid if that is known."""
    ref = volume.spec.claim_ref
    if not ref:
        return None
    key = str(ref.get("namespace") or ""), str(ref.get("name") or "")
    return key, str(ref.get("uid") or "")
