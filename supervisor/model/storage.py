"""PersistentVolumes, claims of them, and classes: the fields that we honour.

Follows staging/src/k8s.io/api/core/v1/types.go and api/storage/v1/types.go.
"""

from supervisor.model.affinity import NodeSelector
from supervisor.model.label_selector import LabelSelector
from supervisor.model.meta import Condition, Object, ObjectMeta, Value, build
from supervisor.model.volumes import HostPathVolumeSource

DOCKER_DRIVER = "docker.supervisor.io"
"""CSI driver of volumes that are Docker volumes; `volumeHandle` is the name."""
DOCKER_PROVISIONER = "supervisor.io/docker-local"
DOCKER_CLASS = "docker-local"
DOCKER_FINALIZER = "supervisor.io/docker-volume"
"""On volumes made by us, until the agent has removed the Docker volume."""
SELECTED_NODE = "volume.kubernetes.io/selected-node"
"""On claims: the node for which the volume is made."""
CLAIM_PROTECTION = "kubernetes.io/pvc-protection"
VOLUME_PROTECTION = "kubernetes.io/pv-protection"
WAIT_FOR_CONSUMER = "WaitForFirstConsumer"
ON_LOSS = "supervisor.io/on-volume-loss"
"""On claims: `recreate` gives up the data of a volume whose node is gone."""


class NFSVolumeSource(Value, frozen=True):
    server: str
    path: str
    read_only: bool = False


class LocalVolumeSource(Value, frozen=True):
    path: str


class CSIPersistentVolumeSource(Value, frozen=True):
    driver: str
    volume_handle: str
    read_only: bool = False
    volume_attributes: dict[str, str] | None = None


class VolumeNodeAffinity(Value, frozen=True):
    required: NodeSelector | None = None


class PersistentVolumeSpec(Value, frozen=True):
    capacity: dict[str, str] | None = None
    host_path: HostPathVolumeSource | None = None
    nfs: NFSVolumeSource | None = None
    local: LocalVolumeSource | None = None
    csi: CSIPersistentVolumeSource | None = None
    access_modes: tuple[str, ...] = ()
    claim_ref: Object | None = None
    """An ObjectReference."""
    persistent_volume_reclaim_policy: str = "Retain"
    storage_class_name: str = ""
    mount_options: tuple[str, ...] = ()
    volume_mode: str = "Filesystem"
    node_affinity: VolumeNodeAffinity | None = None


class PersistentVolumeStatus(Value, frozen=True):
    phase: str = "Pending"
    message: str = ""
    reason: str = ""
    last_phase_transition_time: str | None = None


class PersistentVolume(Value, frozen=True):
    metadata: ObjectMeta
    spec: PersistentVolumeSpec = PersistentVolumeSpec()
    status: PersistentVolumeStatus = PersistentVolumeStatus()


class VolumeResourceRequirements(Value, frozen=True):
    limits: dict[str, str] | None = None
    requests: dict[str, str] | None = None


class PersistentVolumeClaimSpec(Value, frozen=True):
    access_modes: tuple[str, ...] = ()
    selector: LabelSelector | None = None
    resources: VolumeResourceRequirements = VolumeResourceRequirements()
    volume_name: str = ""
    storage_class_name: str | None = None
    """None: the default class; empty: no class, only a volume that is there."""
    volume_mode: str = "Filesystem"


class PersistentVolumeClaimStatus(Value, frozen=True):
    phase: str = "Pending"
    access_modes: tuple[str, ...] = ()
    capacity: dict[str, str] | None = None
    conditions: tuple[Condition, ...] = ()


class PersistentVolumeClaim(Value, frozen=True):
    metadata: ObjectMeta = ObjectMeta()
    spec: PersistentVolumeClaimSpec = PersistentVolumeClaimSpec()
    status: PersistentVolumeClaimStatus = PersistentVolumeClaimStatus()


class StorageClass(Value, frozen=True):
    metadata: ObjectMeta
    provisioner: str
    parameters: dict[str, str] | None = None
    reclaim_policy: str = "Delete"
    mount_options: tuple[str, ...] = ()
    volume_binding_mode: str = "Immediate"


build(globals())
