"""StatefulSet: keeps pods running that have a name and storage of their own.

Follows pkg/registry/apps/statefulset/strategy.go and pkg/apis/apps/v1/defaults.go.
"""

from supervisor.kinds import ignored, persistentvolumeclaims
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    NO_FIELDS,
    SEPARATE_STATUS,
    Admission,
    Kind,
    Rules,
    Scale,
    Writes,
    no_create_change,
    no_update_change,
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
from supervisor.kinds.identity import PERSISTENT_VOLUME_CLAIM, STATEFUL_SET
from supervisor.kinds.parts import status_subresource
from supervisor.kinds.scale import subresource
from supervisor.kinds.statefulsets import description, validation
from supervisor.kinds.workloads import selecting, templates
from supervisor.kinds.workloads.columns import (
    CONTAINERS,
    IMAGES,
    containers_and_images,
)
from supervisor.kinds.workloads.versions import from_template, same_fields
from supervisor.model.defaults import mark_strict_template
from supervisor.model.meta import Object
from supervisor.model.statefulset import StatefulSet

_RETENTION = ("whenDeleted", "whenScaled")


def complete(stateful_set: Object) -> None:
    templates.complete(stateful_set)
    spec = stateful_set["spec"]
    policy = spec.get("podManagementPolicy")
    spec["podManagementPolicy"] = policy or "OrderedReady"
    strategy = spec.setdefault("updateStrategy", {})
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
        strategy.setdefault("rollingUpdate", {})
    bounds = strategy.get("rollingUpdate")
    if strategy["type"] == "RollingUpdate" and bounds is not None:
        bounds.setdefault("partition", 0)
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    for field in _RETENTION:
        retention[field] = retention.get(field) or "Retain"
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    for claim in spec.get("volumeClaimTemplates") or []:
        named = {k: claim.get(k) or v for k, v in PERSISTENT_VOLUME_CLAIM.head.items()}
        claim.update(named)
        persistentvolumeclaims.complete(claim)


def admit(stateful_set: Object, _admission: Admission) -> None:
    mark_strict_template(stateful_set)


def warnings(stateful_set: Object) -> list[str]:
    limit = get(stateful_set, "spec.revisionHistoryLimit", 0)
    if limit >= 0:
        return []
    return [
        "spec.revisionHistoryLimit: a negative value retains all historical revisions; "
        "a value >= 0 is recommended"
    ]


def _of_v1beta1(stateful_set: Object) -> None:
    strategy = stateful_set["spec"].setdefault("updateStrategy", {})
    strategy["type"] = strategy.get("type") or "OnDelete"


def _cells(stateful_set: Object, now: float) -> list[Cell]:
    ready = get(stateful_set, "status.readyReplicas", 0)
    return [
        name_of(stateful_set),
        f"{ready}/{get(stateful_set, 'spec.replicas', 0)}",
        age_of(stateful_set, now),
        *containers_and_images(stateful_set),
    ]


_COLUMNS = (
    NAME,
    Column("Ready", "How many pods are ready, of those that there should be."),
    AGE,
    CONTAINERS,
    IMAGES,
)

KIND = Kind(
    identity=STATEFUL_SET,
    short_names=("sts",),
    categories=("all",),
    verbs=ALL_VERBS,
    subresources=(
        subresource(Scale(selector=selecting.text_of)),
        status_subresource(STATEFUL_SET),
    ),
    value_type=StatefulSet,
    schema="",
    writes=Writes(
        complete=complete,
        admit=admit,
        generation=True,
        status=SEPARATE_STATUS,
        prepare_create=no_create_change,
        prepare_update=templates.keep_marks,
        prepare_status=no_update_change,
    ),
    rules=Rules(
        create=validation.check,
        update=validation.check_update,
        status=validation.check_status,
        warnings=warnings,
        ignored=ignored.in_template,
    ),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=Printer(_COLUMNS, _cells),
    describe=description.describe,
    versions=(
        same_fields("apps", "v1beta2"),
        same_fields("apps", "v1beta1", from_template(_of_v1beta1)),
    ),
)
