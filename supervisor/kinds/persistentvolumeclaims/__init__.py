"""PersistentVolumeClaim: asks for a piece of storage.

Follows pkg/registry/core/persistentvolumeclaim/strategy.go.
"""

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    NO_FIELDS,
    SEPARATE_STATUS,
    Admission,
    Kind,
    Rules,
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
from supervisor.kinds.identity import PERSISTENT_VOLUME_CLAIM
from supervisor.kinds.parts import protect, status_subresource
from supervisor.kinds.persistentvolumeclaims import description, validation
from supervisor.model.meta import Object
from supervisor.model.storage import CLAIM_PROTECTION, PersistentVolumeClaim

_PENDING = {"phase": "Pending"}


def complete(claim: Object) -> None:
    """A claim, or a template of one."""
    claim.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
    status = claim.setdefault("status", {})
    status["phase"] = status.get("phase") or "Pending"


def prepare_create(claim: Object, _admission: Admission) -> None:
    claim["status"] = dict(_PENDING)
    protect(claim, CLAIM_PROTECTION)


def _cells(claim: Object, now: float) -> list[Cell]:
    bound = get(claim, "spec.volumeName", "")
    return [
        name_of(claim),
        description.phase_of(claim),
        bound,
        description.capacity_of(claim) if bound else "",
        description.modes(get(claim, "status.accessModes", ())) if bound else "",
        description.class_of(claim),
        get(claim, "spec.volumeAttributesClassName", "<unset>"),
        age_of(claim, now),
        get(claim, "spec.volumeMode", "<unset>"),
    ]


_COLUMNS = (
    NAME,
    Column("Status", "Pending, Bound or Lost."),
    Column("Volume", "The PersistentVolume that it is bound to."),
    Column("Capacity", "How much it holds."),
    Column("Access Modes", "How it may be mounted."),
    Column("StorageClass", "Its StorageClass."),
    Column("VolumeAttributesClass", "Its VolumeAttributesClass."),
    AGE,
    Column("VolumeMode", "Filesystem or Block.", wide=True),
)

KIND = Kind(
    identity=PERSISTENT_VOLUME_CLAIM,
    short_names=("pvc",),
    categories=(),
    verbs=ALL_VERBS,
    subresources=(status_subresource(PERSISTENT_VOLUME_CLAIM),),
    value_type=PersistentVolumeClaim,
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
        status=validation.check_status,
        warnings=no_warnings,
        ignored=ignored.nothing,
    ),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=Printer(_COLUMNS, _cells),
    describe=description.describe,
    versions=(),
)
