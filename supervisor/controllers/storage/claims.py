"""What to do about a claim. Pure.

Rules
- A volume is reserved for a claim first, and then the claim is bound to it: whatever
  is interrupted between the two is completed by the next plan.
- A claim of a class that waits for its first consumer is bound once a node has been
  selected: by the scheduler, or by a pod that names its node itself.
- A claim stays while a pod uses it.

Follows pkg/controller/volume/persistentvolume/pv_controller.go.
"""

from supervisor.controllers.storage import matching
from supervisor.controllers.storage.actions import (
    Action,
    BindClaim,
    Provision,
    ReplaceVolume,
    ReserveVolume,
    SelectNode,
    SetClaimPhase,
    SetClass,
    Tell,
    Unprotect,
)
from supervisor.controllers.storage.sight import Sight, claim_ref, class_of, key_of
from supervisor.model.storage import (
    CLAIM_PROTECTION,
    DOCKER_CLASS,
    DOCKER_PROVISIONER,
    ON_LOSS,
    SELECTED_NODE,
    WAIT_FOR_CONSUMER,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)


def plan(claim: PersistentVolumeClaim, sight: Sight) -> list[Action]:
    key = key_of(claim)
    if claim.metadata.deletion_timestamp:
        is_used = bool(sight.users.get(key))
        if is_used or CLAIM_PROTECTION not in claim.metadata.finalizers:
            return []
        return [Unprotect(key, CLAIM_PROTECTION, "it is deleted, and no pod uses it")]
    if claim.spec.volume_name:
        return _with_volume(claim, sight)
    return _without_volume(claim, sight)


# -- a claim that names its volume
def _with_volume(claim: PersistentVolumeClaim, sight: Sight) -> list[Action]:
    key, name = key_of(claim), claim.spec.volume_name
    volume = sight.volumes.get(name)
    if volume is None and _gives_up(claim):
        return _without_volume(claim, sight)
    if volume is None:
        if claim.status.phase != "Bound":
            return _phase(claim, "Pending", f"there is no volume {name}")
        text = "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
        lost = _phase(claim, "Lost", text)
        return [*lost, Tell(key, "Warning", "ClaimLost", text)] if lost else []
    ref = claim_ref(volume)
    if ref is None or ref == (key, ""):
        return [ReserveVolume(name, key, "the claim names the volume")]
    if ref != (key, claim.metadata.uid):
        text = f"volume {name} is bound to another claim"
        return _phase(claim, "Pending", text)
    if lost_node := _lost_node(volume, sight):
        return _of_lost_node(claim, volume, lost_node)
    if claim.status.phase != "Bound":
        return [BindClaim(key, name, "the volume is reserved for the claim")]
    return []


def _gives_up(claim: PersistentVolumeClaim) -> bool:
    """Whether the data of a lost volume is given up."""
    return (claim.metadata.annotations or {}).get(ON_LOSS) == "recreate"


def _lost_node(volume: PersistentVolume, sight: Sight) -> str:
    """The node of a volume that can be mounted on no node any more."""
    affinity = volume.spec.node_affinity
    if affinity is None or affinity.required is None or not sight.nodes:
        return ""
    nodes = ((n, node.metadata.labels or {}) for n, node in sight.nodes.items())
    if any(matching.is_on(volume, node) for node in nodes):
        return ""
    terms = affinity.required.node_selector_terms
    values = [v for t in terms for r in t.match_expressions for v in r.values]
    return ", ".join(values) or "that it was made for"


def _of_lost_node(
    claim: PersistentVolumeClaim, volume: PersistentVolume, node: str
) -> list[Action]:
    key, name = key_of(claim), volume.metadata.name
    if _gives_up(claim):
        text = f"node {node} is gone, and the claim gives up its data"
        return [ReplaceVolume(key, name, text)]
    text = (
        f"volume {name} is on node {node}, which is gone: bring the node back, or give "
        f"up the data with `kubectl annotate pvc {claim.metadata.name} "
        f"{ON_LOSS}=recreate`"
    )
    return [Tell(key, "Warning", "VolumeNodeLost", text)]


# -- a claim without a volume
def _without_volume(claim: PersistentVolumeClaim, sight: Sight) -> list[Action]:
    key, name = key_of(claim), class_of(claim)
    if name is None:
        default = sight.default_class()
        if default is not None:
            return [SetClass(key, default, "it is the default class")]
    storage_class = sight.classes.get(name or "")
    node = _selected_node(claim, sight)
    if _waits(storage_class) and not node:
        if using := next(filter(None, sight.users.get(key, ())), ""):
            return [SelectNode(key, using, "a pod on that node uses the claim")]
        reserved = _made_for(claim, sight)
        if reserved is None:
            return _wait_for_consumer(claim)
        return [BindClaim(key, reserved.metadata.name, "the volume was made for it")]
    found = sight.nodes.get(node)
    place = (node, found.metadata.labels or {}) if found else None
    volume = matching.best(claim, sight.volumes.values(), place)
    if volume is not None:
        if claim_ref(volume) == (key, claim.metadata.uid):
            text = "the volume is reserved for the claim"
            return [BindClaim(key, volume.metadata.name, text)]
        return [ReserveVolume(volume.metadata.name, key, "it suits the claim")]
    return _provision(claim, storage_class, node, sight)


def _selected_node(claim: PersistentVolumeClaim, sight: Sight) -> str:
    name = (claim.metadata.annotations or {}).get(SELECTED_NODE, "")
    return name if name in sight.nodes else ""


def _waits(storage_class: StorageClass | None) -> bool:
    return (
        storage_class is not None
        and storage_class.volume_binding_mode == WAIT_FOR_CONSUMER
    )


def _made_for(claim: PersistentVolumeClaim, sight: Sight) -> PersistentVolume | None:
    wanted = (key_of(claim), claim.metadata.uid)
    return next((v for v in sight.volumes.values() if claim_ref(v) == wanted), None)


def _wait_for_consumer(claim: PersistentVolumeClaim) -> list[Action]:
    text = "waiting for first consumer to be created before binding"
    return [Tell(key_of(claim), "Normal", "WaitForFirstConsumer", text)]


def _provision(
    claim: PersistentVolumeClaim,
    storage_class: StorageClass | None,
    node: str,
    sight: Sight,
) -> list[Action]:
    key, name = key_of(claim), class_of(claim) or ""
    if storage_class is None:
        if name:
            text = f'storageclass.storage.k8s.io "{name}" not found'
            return [Tell(key, "Warning", "ProvisioningFailed", text)]
        text = (
            "no persistent volumes available for this claim and no storage class is set"
        )
        return [Tell(key, "Normal", "FailedBinding", text)]
    if storage_class.provisioner != DOCKER_PROVISIONER:
        text = (
            "Waiting for a volume to be created either by the external provisioner "
            f"'{storage_class.provisioner}' or manually by the system administrator. "
            "Nothing here runs that provisioner: StorageClass "
            f'"{DOCKER_CLASS}" makes volumes on Docker hosts.'
        )
        return [Tell(key, "Normal", "ExternalProvisioning", text)]
    chosen = node or _any_node(sight)
    if not chosen:
        text = "no node is ready to hold the volume"
        return [Tell(key, "Warning", "ProvisioningFailed", text)]
    return [Provision(key, name, chosen, f"class {name} makes volumes")]


def _any_node(sight: Sight) -> str:
    """The first node that takes pods: for classes that do not wait for one."""
    ready = (
        name
        for name, node in sorted(sight.nodes.items())
        if not node.spec.unschedulable
        and (condition := node.status.condition("Ready"))
        and condition.status == "True"
    )
    return next(ready, "")


def _phase(claim: PersistentVolumeClaim, phase: str, because: str) -> list[Action]:
    if claim.status.phase == phase:
        return []
    return [SetClaimPhase(key_of(claim), phase, because)]
