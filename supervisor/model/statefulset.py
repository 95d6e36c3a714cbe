"""StatefulSets: the fields that we honour.

Follows staging/src/k8s.io/api/apps/v1/types.go.
"""

from supervisor.model.label_selector import LabelSelector
from supervisor.model.meta import Condition, ObjectMeta, Value, build
from supervisor.model.pod import PodTemplateSpec
from supervisor.model.storage import PersistentVolumeClaim


class RollingUpdateStatefulSet(Value, frozen=True):
    partition: int = 0
    max_unavailable: int | str | None = None
    """None: one."""


class StatefulSetUpdateStrategy(Value, frozen=True):
    type: str = "RollingUpdate"
    rolling_update: RollingUpdateStatefulSet | None = None


class PersistentVolumeClaimRetentionPolicy(Value, frozen=True):
    when_deleted: str = "Retain"
    when_scaled: str = "Retain"


class StatefulSetOrdinals(Value, frozen=True):
    start: int = 0


class StatefulSetSpec(Value, frozen=True):
    replicas: int = 1
    selector: LabelSelector | None = None
    template: PodTemplateSpec = PodTemplateSpec()
    volume_claim_templates: tuple[PersistentVolumeClaim, ...] = ()
    service_name: str = ""
    pod_management_policy: str = "OrderedReady"
    update_strategy: StatefulSetUpdateStrategy = StatefulSetUpdateStrategy()
    revision_history_limit: int | None = None
    min_ready_seconds: int = 0
    persistent_volume_claim_retention_policy: PersistentVolumeClaimRetentionPolicy = (
        PersistentVolumeClaimRetentionPolicy()
    )
    ordinals: StatefulSetOrdinals = StatefulSetOrdinals()


class StatefulSetStatus(Value, frozen=True):
    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    current_replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    collision_count: int | None = None
    conditions: tuple[Condition, ...] = ()


class StatefulSet(Value, frozen=True):
    metadata: ObjectMeta
    spec: StatefulSetSpec = StatefulSetSpec()
    status: StatefulSetStatus = StatefulSetStatus()


build(globals())
