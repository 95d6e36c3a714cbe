"""Which of the existing volumes suits a claim. Pure.

Follows FindMatchingVolume of component-helpers/storage/volume/pv_helpers.go.
"""

from collections.abc import Iterable, Mapping

from supervisor.controllers.storage.sight import claim_ref, class_of, key_of
from supervisor.model import label_selector
from supervisor.model.quantities import millis
from supervisor.model.storage import PersistentVolume, PersistentVolumeClaim
from supervisor.placement.node_selection import allows


def best(
    claim: PersistentVolumeClaim,
    volumes: Iterable[PersistentVolume],
    node: tuple[str, Mapping[str, str]] | None = None,
) -> PersistentVolume | None:
    """The smallest volume that suits, on the node with that name and labels.

    A volume that was made for the claim comes first.
    """
    fitting = [v for v in volumes if suits(claim, v) and is_on(v, node)]
    fitting.sort(key=lambda v: (claim_ref(v) is None, capacity(v), v.metadata.name))
    return fitting[0] if fitting else None


def suits(claim: PersistentVolumeClaim, volume: PersistentVolume) -> bool:
    if volume.metadata.deletion_timestamp:
        return False
    ref = claim_ref(volume)
    if ref is not None:
        return ref[0] == key_of(claim) and ref[1] in ("", claim.metadata.uid)
    spec = claim.spec
    selector = label_selector.to_selector(spec.selector)
    return (
        (class_of(claim) or "") == (class_of(volume) or "")
        and set(spec.access_modes) <= set(volume.spec.access_modes)
        and spec.volume_mode == volume.spec.volume_mode
        and capacity(volume) >= requested(claim)
        and (spec.selector is None or selector.matches(volume.metadata.labels))
    )


def is_on(volume: PersistentVolume, node: tuple[str, Mapping[str, str]] | None) -> bool:
    """Whether the volume can be mounted on the node; None stands for any."""
    affinity = volume.spec.node_affinity
    if node is None or affinity is None:
        return True
    return allows(affinity.required, *node)


def capacity(volume: PersistentVolume) -> int:
    """In thousandths of a byte."""
    return millis((volume.spec.capacity or {}).get("storage", "0"))


def requested(claim: PersistentVolumeClaim) -> int:
    return millis((claim.spec.resources.requests or {}).get("storage", "0"))
