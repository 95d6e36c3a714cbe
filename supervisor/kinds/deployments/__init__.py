"""Deployment: replaces the pods of one template by those of another, step by step.

Follows pkg/registry/apps/deployment/strategy.go and pkg/apis/apps/v1/defaults.go.
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
    Scale,
    Writes,
    no_create_change,
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
from supervisor.kinds.deployments import description, validation, versions
from supervisor.kinds.identity import DEPLOYMENT
from supervisor.kinds.parts import status_subresource
from supervisor.kinds.scale import subresource
from supervisor.kinds.workloads import selecting, templates
from supervisor.kinds.workloads.columns import (
    CONTAINERS,
    IMAGES,
    SELECTOR,
    containers_and_images,
    selector_text,
)
from supervisor.kinds.writing import keep
from supervisor.model.defaults import mark_strict_template
from supervisor.model.equality import same
from supervisor.model.meta import Object
from supervisor.model.workloads import Deployment


def complete(deployment: Object) -> None:
    templates.complete(deployment)
    spec = deployment["spec"]
    spec.setdefault("replicas", 1)
    strategy = spec.setdefault("strategy", {})
    strategy["type"] = strategy.get("type") or "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        bounds = strategy.setdefault("rollingUpdate", {})
        bounds.setdefault("maxUnavailable", "25%")
        bounds.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)


def admit(deployment: Object, _admission: Admission) -> None:
    mark_strict_template(deployment)


def prepare_update(new: Object, old: Object) -> None:
    """A change of annotations makes a new generation, as one of the spec does."""
    templates.keep_marks(new, old)
    meta, before = new["metadata"], old.get("metadata") or {}
    changed = not same(meta.get("annotations"), before.get("annotations"))
    if changed and same(new.get("spec"), old.get("spec")):
        meta["generation"] = int(meta.get("generation") or 0) + 1


def prepare_status(new: Object, old: Object) -> None:
    keep(new["metadata"], old.get("metadata") or {}, "labels")


def _cells(deployment: Object, now: float) -> list[Cell]:
    ready = get(deployment, "status.readyReplicas", 0)
    return [
        name_of(deployment),
        f"{ready}/{get(deployment, 'spec.replicas', 0)}",
        get(deployment, "status.updatedReplicas", 0),
        get(deployment, "status.availableReplicas", 0),
        age_of(deployment, now),
        *containers_and_images(deployment),
        selector_text(deployment),
    ]


_COLUMNS = (
    NAME,
    Column("Ready", "How many pods are ready, of those that there should be."),
    Column("Up-to-date", "How many pods are of the present template.", "integer"),
    Column("Available", "How many pods are available.", "integer"),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
)

KIND = Kind(
    identity=DEPLOYMENT,
    short_names=("deploy",),
    categories=("all",),
    verbs=ALL_VERBS,
    subresources=(
        subresource(Scale(selector=selecting.text_of)),
        status_subresource(DEPLOYMENT),
    ),
    value_type=Deployment,
    schema="",
    writes=Writes(
        complete=complete,
        admit=admit,
        generation=True,
        status=SEPARATE_STATUS,
        prepare_create=no_create_change,
        prepare_update=prepare_update,
        prepare_status=prepare_status,
    ),
    rules=Rules(
        create=validation.check,
        update=validation.check_update,
        status=validation.check_status,
        warnings=versions.warnings,
        ignored=ignored.in_template,
    ),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=Printer(_COLUMNS, _cells),
    describe=description.describe,
    versions=versions.VERSIONS,
)
