"""Carry out the actions on claims and volumes.

Rules
- Objects are named by uid wherever they are changed, so a namesake is never hit.
- What has vanished meanwhile needs no change.
"""

from typing import Any

from supervisor.client.base import Client, DeleteOptions
from supervisor.client.events import EventRecorder
from supervisor.controllers.storage.actions import (
    Action,
    BindClaim,
    DeleteVolume,
    Provision,
    ReplaceVolume,
    ReserveVolume,
    SelectNode,
    SetClaimPhase,
    SetClass,
    SetVolumePhase,
    Tell,
    Unprotect,
)
from supervisor.controllers.storage.sight import ClaimKey
from supervisor.kinds.identity import PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM
from supervisor.machinery.clock import Clock
from supervisor.model import times
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.model.storage import (
    DOCKER_DRIVER,
    DOCKER_FINALIZER,
    DOCKER_PROVISIONER,
    SELECTED_NODE,
)

_CLAIMS, _VOLUMES = PERSISTENT_VOLUME_CLAIM.resource, PERSISTENT_VOLUME.resource
_COMPLETED = "pv.kubernetes.io/bind-completed"
_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
_PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
_HOSTNAME = "kubernetes.io/hostname"


class Performer:
    def __init__(self, client: Client, clock: Clock, recorder: EventRecorder) -> None:
        self._client = client
        self._clock = clock
        self._recorder = recorder
        self._claims: dict[ClaimKey, Object] = {}
        self._volumes: dict[str, Object] = {}
        self._classes: dict[str, Object] = {}
        self._nodes: dict[str, Object] = {}
        #: The last event of each object, by uid: an event only tells news.
        self._told: dict[str, str] = {}

    def read(
        self,
        claims: dict[ClaimKey, Object],
        volumes: dict[str, Object],
        classes: dict[str, Object],
        nodes: dict[str, Object],
    ) -> None:
        """The objects from which the following actions were planned."""
        self._claims, self._volumes = claims, volumes
        self._classes, self._nodes = classes, nodes
        known = {o["metadata"]["uid"] for o in (*claims.values(), *volumes.values())}
        self._told = {uid: text for uid, text in self._told.items() if uid in known}

    def perform(self, action: Action) -> None:
        """Raises ApiError."""
        try:
            self._perform(action)
        except ApiError as error:
            if error.code != 404:
                raise

    def _perform(self, action: Action) -> None:
        match action:
            case SetClass():
                spec = {"storageClassName": action.storage_class}
                self._patch_claim(action.claim, {"spec": spec})
            case SelectNode():
                notes = {SELECTED_NODE: action.node}
                self._patch_claim(action.claim, {"metadata": {"annotations": notes}})
            case ReserveVolume():
                self._reserve(action)
            case BindClaim():
                self._bind(action)
            case Provision():
                self._provision(action)
            case ReplaceVolume():
                self._replace(action)
            case SetClaimPhase():
                self._patch_claim(
                    action.claim, {"status": {"phase": action.phase}}, "status"
                )
            case SetVolumePhase():
                now = times.to_text(self._clock.now())
                status = {"phase": action.phase, "lastPhaseTransitionTime": now}
                self._patch_volume(action.volume, {"status": status}, "status")
            case DeleteVolume():
                uid = self._volumes[action.volume]["metadata"]["uid"]
                self._client.delete(_VOLUMES, action.volume, "", DeleteOptions(uid=uid))
            case Unprotect():
                self._unprotect(action)
            case Tell():
                self._tell(action)

    # -- binding
    def _reserve(self, action: ReserveVolume) -> None:
        claim = self._claims[action.claim]
        notes = {_BY_CONTROLLER: "yes"}
        spec = {"claimRef": _reference(claim)}
        change = {"metadata": {"annotations": notes}, "spec": spec}
        self._patch_volume(action.volume, change)

    def _bind(self, action: BindClaim) -> None:
        volume = self._volumes[action.volume]["spec"]
        notes = {_COMPLETED: "yes", _BY_CONTROLLER: "yes"}
        change: Object = {
            "metadata": {"annotations": notes},
            "spec": {"volumeName": action.volume},
        }
        self._patch_claim(action.claim, change)
        status = {
            "phase": "Bound",
            "accessModes": volume.get("accessModes") or [],
            "capacity": volume.get("capacity") or {},
        }
        self._patch_claim(action.claim, {"status": status}, "status")

    def _replace(self, action: ReplaceVolume) -> None:
        self._tell(Tell(action.claim, "Warning", "VolumeGivenUp", action.because))
        self._patch_claim(
            action.claim, {"metadata": {"annotations": {SELECTED_NODE: None}}}
        )
        self._patch_claim(action.claim, {"status": {"phase": "Pending"}}, "status")
        self._patch_volume(action.volume, {"metadata": {"finalizers": None}})
        self._delete_volume(action.volume)

    def _delete_volume(self, name: str) -> None:
        uid = self._volumes[name]["metadata"]["uid"]
        self._client.delete(_VOLUMES, name, "", DeleteOptions(uid=uid))

    def _provision(self, action: Provision) -> None:
        claim = self._claims[action.claim]
        storage_class = self._classes[action.storage_class]
        body = provisioned(claim, storage_class, self._nodes[action.node])
        try:
            self._client.create(_VOLUMES, body)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                text = f"failed to provision volume: {error}"
                self._tell(Tell(action.claim, "Warning", "ProvisioningFailed", text))
                raise
            return
        text = f"Successfully provisioned volume {body['metadata']['name']}"
        self._tell(Tell(action.claim, "Normal", "ProvisioningSucceeded", text))

    # -- writing
    def _patch_claim(
        self, key: ClaimKey, change: Object, subresource: str = ""
    ) -> None:
        uid = self._claims[key]["metadata"]["uid"]
        self._client.patch(
            _CLAIMS, key[1], key[0], _of(uid, change), subresource=subresource
        )

    def _patch_volume(self, name: str, change: Object, subresource: str = "") -> None:
        uid = self._volumes[name]["metadata"]["uid"]
        self._client.patch(
            _VOLUMES, name, "", _of(uid, change), subresource=subresource
        )

    def _unprotect(self, action: Unprotect) -> None:
        obj = self._object(action.target)
        kept = [f for f in obj["metadata"]["finalizers"] if f != action.finalizer]
        meta = {"finalizers": kept}
        if isinstance(action.target, str):
            self._patch_volume(action.target, {"metadata": meta})
        else:
            self._patch_claim(action.target, {"metadata": meta})

    def _tell(self, action: Tell) -> None:
        obj = self._object(action.target)
        uid = obj["metadata"]["uid"]
        if self._told.get(uid) == action.because:
            return
        self._told[uid] = action.because
        self._recorder.record(obj, action.type, action.reason, action.because)

    def _object(self, target: ClaimKey | str) -> Object:
        if isinstance(target, str):
            return self._volumes[target]
        return self._claims[target]


def _of(uid: str, change: Object) -> Object:
    meta: dict[str, Any] = change.get("metadata") or {}
    return change | {"metadata": meta | {"uid": uid}}


def _reference(claim: Object) -> Object:
    meta = claim["metadata"]
    return {
        **PERSISTENT_VOLUME_CLAIM.head,
        "namespace": meta["namespace"],
        "name": meta["name"],
        "uid": meta["uid"],
    }


def provisioned(claim: Object, storage_class: Object, node: Object) -> Object:
    """The volume for a claim: a Docker volume on the node, by our driver."""
    spec, labels = claim["spec"], node["metadata"].get("labels") or {}
    name = f"pvc-{claim['metadata']['uid']}"
    hostname = labels.get(_HOSTNAME, node["metadata"]["name"])
    on_node = {"key": _HOSTNAME, "operator": "In", "values": [hostname]}
    terms = [{"matchExpressions": [on_node]}]
    source: Object = {"driver": DOCKER_DRIVER, "volumeHandle": name}
    if storage_class.get("parameters"):
        source["volumeAttributes"] = storage_class["parameters"]
    made: Object = {
        "capacity": {"storage": spec["resources"]["requests"]["storage"]},
        "accessModes": spec["accessModes"],
        "claimRef": _reference(claim),
        "csi": source,
        "nodeAffinity": {"required": {"nodeSelectorTerms": terms}},
        "persistentVolumeReclaimPolicy": storage_class.get("reclaimPolicy", "Delete"),
        "storageClassName": storage_class["metadata"]["name"],
        "volumeMode": spec.get("volumeMode", "Filesystem"),
    }
    if storage_class.get("mountOptions"):
        made["mountOptions"] = storage_class["mountOptions"]
    meta = {
        "name": name,
        "annotations": {_PROVISIONED_BY: DOCKER_PROVISIONER},
        "finalizers": [DOCKER_FINALIZER],
    }
    return {**PERSISTENT_VOLUME.head, "metadata": meta, "spec": made}
