"""PersistentVolume: a piece of storage.

Follows pkg/registry/core/persistentvolume/strategy.go.
"""

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    SEPARATE_STATUS,
    Admission,
    Kind,
    Rules,
    SelectableFields,
    Writes,
    no_create_change,
    no_update_change,
    no_warnings,
)
from supervisor.kinds.columns import (
    AGE,
    NAME,
    Cell,
    Column,
    Printer,
    age_of,
    get,
    name_of,
)
from supervisor.kinds.identity import PERSISTENT_VOLUME
from supervisor.kinds.parts import (
    check_metadata_update,
    protect,
    status_subresource,
)
from supervisor.kinds.persistentvolumeclaims.description import (
    amount,
    class_of,
    modes,
    phase_of,
)
from supervisor.kinds.persistentvolumes import description, validation
from supervisor.model import times
from supervisor.model.meta import Object
from supervisor.model.storage import VOLUME_PROTECTION, PersistentVolume


def complete(volume: Object) -> None:
    """Follows SetDefaults_PersistentVolume of pkg/apis/core/v1/defaults.go."""
    spec = volume.setdefault("spec", {})
    policy = spec.get("persistentVolumeReclaimPolicy")
    spec["persistentVolumeReclaimPolicy"] = policy or "Retain"
    spec.setdefault("volumeMode", "Filesystem")
    if spec.get("hostPath") is not None:
        spec["hostPath"].setdefault("type", "")
    status = volume.setdefault("status", {})
    status["phase"] = status.get("phase") or "Pending"


def prepare_create(volume: Object, admission: Admission) -> None:
    now = times.to_text(admission.now)
    volume["status"] = {"phase": "Pending", "lastPhaseTransitionTime": now}
    protect(volume, VOLUME_PROTECTION)


def _cells(volume: Object, now: float) -> list[Cell]:
    return [
        name_of(volume),
        amount(get(volume, "spec.capacity", {}).get("storage")),
        modes(get(volume, "spec.accessModes", ())),
        get(volume, "spec.persistentVolumeReclaimPolicy", ""),
        phase_of(volume),
        description.claim_of(volume),
        class_of(volume),
        get(volume, "spec.volumeAttributesClassName", "<unset>"),
        get(volume, "status.reason", ""),
        age_of(volume, now),
        get(volume, "spec.volumeMode", "<unset>"),
    ]


_COLUMNS = (
    NAME,
    Column("Capacity", "How much it holds."),
    Column("Access Modes", "How it may be mounted."),
    Column("Reclaim Policy", "What becomes of it when its claim is deleted."),
    Column("Status", "Pending, Available, Bound, Released or Failed."),
    Column("Claim", "The claim that it is bound to."),
    Column("StorageClass", "Its StorageClass."),
    Column("VolumeAttributesClass", "Its VolumeAttributesClass."),
    Column("Reason", "Why it has its status."),
    AGE,
    Column("VolumeMode", "Filesystem or Block.", wide=True),
)

KIND = Kind(
    identity=PERSISTENT_VOLUME,
    short_names=("pv",),
    categories=(),
    verbs=ALL_VERBS,
    subresources=(status_subresource(PERSISTENT_VOLUME),),
    value_type=PersistentVolume,
    schema="",
    writes=Writes(
        complete=complete,
        admit=no_create_change,
        generation=False,
        status=SEPARATE_STATUS,
        prepare_create=prepare_create,
        prepare_update=no_update_change,
        prepare_status=no_update_change,
    ),
    rules=Rules(
        create=validation.check,
        update=validation.check_update,
        status=check_metadata_update,
        warnings=no_warnings,
        ignored=ignored.nothing,
    ),
    # Differs from Kubernetes, which calls the field `name`.
    fields=SelectableFields(paths=frozenset(), absent={}),
    deletion=BACKGROUND,
    columns=Printer(_COLUMNS, _cells),
    describe=description.describe,
    versions=(),
)
