"""ReplicationController: maintains a number of pods created from a template.

Follows pkg/registry/core/replicationcontroller/strategy.go.
"""

from dataclasses import replace

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    SEPARATE_STATUS,
    Admission,
    Kind,
    Rules,
    Scale,
    SelectableFields,
    Writes,
    no_create_change,
    no_update_change,
    no_warnings,
)
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import REPLICATION_CONTROLLER
from supervisor.kinds.parts import status_subresource
from supervisor.kinds.replicationcontrollers import columns, validation
from supervisor.kinds.scale import subresource
from supervisor.kinds.workloads import description
from supervisor.model.defaults import mark_strict_template
from supervisor.model.defaults.pods import complete_template
from supervisor.model.kinds import ReplicationController
from supervisor.model.meta import Object


def admit(rc: Object, _admission: Admission) -> None:
    mark_strict_template(rc)


def complete(rc: Object) -> None:
    """Follows SetDefaults_ReplicationController of pkg/apis/core/v1/defaults.go."""
    spec = rc.setdefault("spec", {})
    template = spec.get("template")
    if template is not None:
        labels = (template.get("metadata") or {}).get("labels")
        if labels and not spec.get("selector"):
            spec["selector"] = dict(labels)
        if labels and not rc["metadata"].get("labels"):
            rc["metadata"]["labels"] = dict(labels)
        complete_template(template)
    spec.setdefault("replicas", 1)


def selector_of(rc: Object) -> str:
    """The label selector as a string."""
    selector = (rc.get("spec") or {}).get("selector") or {}
    return ",".join(f"{key}={value}" for key, value in sorted(selector.items()))


def describe(page: Page, rc: Object, reader: Reader) -> None:
    description.describe_replicas(page, rc, selector_of(rc), reader)


KIND = Kind(
    identity=REPLICATION_CONTROLLER,
    short_names=("rc",),
    categories=("all",),
    verbs=ALL_VERBS,
    subresources=(
        subresource(Scale(selector=selector_of)),
        status_subresource(REPLICATION_CONTROLLER),
    ),
    value_type=ReplicationController,
    schema="",
    writes=Writes(
        complete=complete,
        admit=admit,
        generation=True,
        status=SEPARATE_STATUS,
        prepare_create=no_create_change,
        prepare_update=no_update_change,
        prepare_status=no_update_change,
    ),
    rules=Rules(
        create=validation.check,
        update=validation.check_update,
        status=validation.check_status_update,
        warnings=no_warnings,
        ignored=ignored.in_template,
    ),
    fields=SelectableFields(
        paths=frozenset({"status.replicas"}), absent={"status.replicas": "0"}
    ),
    deletion=replace(BACKGROUND, default_propagation="Orphan"),
    columns=columns.PRINTER,
    describe=describe,
    versions=(),
)
