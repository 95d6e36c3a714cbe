"""DaemonSet: keeps one pod running on each node that it fits.

Follows pkg/registry/apps/daemonset/strategy.go and pkg/apis/apps/v1/defaults.go.
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
from supervisor.kinds.daemonsets import description, validation, versions
from supervisor.kinds.identity import DAEMON_SET
from supervisor.kinds.parts import status_subresource
from supervisor.kinds.workloads import templates
from supervisor.kinds.workloads.columns import (
    CONTAINERS,
    IMAGES,
    SELECTOR,
    containers_and_images,
    selector_text,
)
from supervisor.model.defaults import mark_strict_template
from supervisor.model.meta import Object
from supervisor.model.workloads import DaemonSet


def complete(daemon_set: Object) -> None:
    templates.complete(daemon_set)
    spec = daemon_set["spec"]
    strategy = spec.setdefault("updateStrategy", {})
    strategy["type"] = strategy.get("type") or "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        bounds = strategy.setdefault("rollingUpdate", {})
        bounds.setdefault("maxUnavailable", 1)
        bounds.setdefault("maxSurge", 0)
    spec.setdefault("revisionHistoryLimit", 10)


def admit(daemon_set: Object, _admission: Admission) -> None:
    mark_strict_template(daemon_set)


def prepare_update(new: Object, old: Object) -> None:
    templates.keep_marks(new, old)
    versions.count_generation(new, old)


def _cells(daemon_set: Object, now: float) -> list[Cell]:
    nodes = get(daemon_set, "spec.template.spec.nodeSelector", {})
    chosen = ",".join(f"{key}={value}" for key, value in sorted(nodes.items()))
    return [
        name_of(daemon_set),
        get(daemon_set, "status.desiredNumberScheduled", 0),
        get(daemon_set, "status.currentNumberScheduled", 0),
        get(daemon_set, "status.numberReady", 0),
        get(daemon_set, "status.updatedNumberScheduled", 0),
        get(daemon_set, "status.numberAvailable", 0),
        chosen or "<none>",
        age_of(daemon_set, now),
        *containers_and_images(daemon_set),
        selector_text(daemon_set),
    ]


_COLUMNS = (
    NAME,
    Column("Desired", "How many nodes should run the pod.", "integer"),
    Column("Current", "How many nodes run it.", "integer"),
    Column("Ready", "How many of its pods are ready.", "integer"),
    Column("Up-to-date", "How many pods are of the present template.", "integer"),
    Column("Available", "How many pods are available.", "integer"),
    Column("Node Selector", "Labels of the nodes that should run the pod."),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
)

KIND = Kind(
    identity=DAEMON_SET,
    short_names=("ds",),
    categories=("all",),
    verbs=ALL_VERBS,
    subresources=(status_subresource(DAEMON_SET),),
    value_type=DaemonSet,
    schema="",
    writes=Writes(
        complete=complete,
        admit=admit,
        generation=True,
        status=SEPARATE_STATUS,
        prepare_create=versions.begin_generation,
        prepare_update=prepare_update,
        prepare_status=no_update_change,
    ),
    rules=Rules(
        create=validation.check,
        update=validation.check_update,
        status=validation.check_status,
        warnings=no_warnings,
        ignored=ignored.in_template,
    ),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=Printer(_COLUMNS, _cells),
    describe=description.describe,
    versions=versions.VERSIONS,
)
