"""Job: runs pods until enough of them have succeeded.

Follows pkg/registry/batch/job/strategy.go and pkg/apis/batch/v1/defaults.go.
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
    SelectableFields,
    Writes,
    no_update_change,
)
from supervisor.kinds.identity import JOB
from supervisor.kinds.jobs import columns, defaults, description, selector, validation
from supervisor.kinds.jobs.selector import CONTROLLER_UID, JOB_NAME
from supervisor.kinds.parts import status_subresource
from supervisor.kinds.selectable import text
from supervisor.kinds.workloads import templates
from supervisor.model.defaults import mark_strict_template
from supervisor.model.jobs import Job
from supervisor.model.meta import Object

__all__ = ["CONTROLLER_UID", "JOB_NAME", "KIND"]


def admit(job: Object, _admission: Admission) -> None:
    mark_strict_template(job)


def field(job: Object, path: str) -> str | None:
    if path != "status.successful":
        return None
    return text(job, "status.succeeded") or "0"


def warnings(job: Object) -> list[str]:
    return defaults.warnings(job.get("spec") or {}, "spec")


KIND = Kind(
    identity=JOB,
    short_names=(),
    categories=("all",),
    verbs=ALL_VERBS,
    subresources=(status_subresource(JOB),),
    value_type=Job,
    schema="",
    writes=Writes(
        complete=defaults.complete,
        admit=admit,
        generation=True,
        status=SEPARATE_STATUS,
        prepare_create=selector.generate,
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
    fields=SelectableFields(
        paths=frozenset({"status.successful"}), absent={}, value=field
    ),
    # Clients that do not say otherwise, which kubectl does, leave the pods.
    deletion=replace(BACKGROUND, default_propagation="Orphan"),
    columns=columns.PRINTER,
    describe=description.describe,
    versions=(),
)
