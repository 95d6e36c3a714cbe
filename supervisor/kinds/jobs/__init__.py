"""Job: runs pods until enough of them have succeeded.

Follows pkg/registry/batch/job/strategy.go and pkg/apis/batch/v1/defaults.go.
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
    no_update_change,
    no_warnings,
)
from supervisor.kinds.identity import JOB
from supervisor.kinds.jobs import columns, description, validation
from supervisor.kinds.parts import status_subresource
from supervisor.kinds.workloads import templates
from supervisor.model.defaults import mark_strict_template
from supervisor.model.jobs import Job
from supervisor.model.meta import Object

CONTROLLER_UID = "batch.kubernetes.io/controller-uid"
JOB_NAME = "batch.kubernetes.io/job-name"
_OLD_CONTROLLER_UID, _OLD_JOB_NAME = "controller-uid", "job-name"
_NO_LIMIT = 2**31 - 1
_SUCCESSFUL = "status.successful"
"""The name that field selectors have for `status.succeeded`."""


def _field(job: Object, path: str) -> str | None:
    if path != _SUCCESSFUL:
        return None
    return str((job.get("status") or {}).get("succeeded") or 0)


def complete(job: Object) -> None:
    templates.complete(job)
    templates.take_labels(job)
    complete_spec(job["spec"])


def complete_spec(spec: Object) -> None:
    """Follows SetDefaults_Job; the template has its defaults already."""
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = 1
    spec.setdefault("parallelism", 1)
    per_index = spec.get("backoffLimitPerIndex") is not None
    spec.setdefault("backoffLimit", _NO_LIMIT if per_index else 6)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    spec.setdefault("manualSelector", False)
    policy = spec.get("podFailurePolicy")
    failed_only = "TerminatingOrFailed" if policy is None else "Failed"
    spec.setdefault("podReplacementPolicy", failed_only)
    for rule in (policy or {}).get("rules") or []:
        for condition in rule.get("onPodConditions") or []:
            condition["status"] = condition.get("status") or "True"


def admit(job: Object, _admission: Admission) -> None:
    mark_strict_template(job)


def prepare_create(job: Object, _admission: Admission) -> None:
    """Select the pods by the Job's uid, which no other pods can have."""
    spec, meta = job["spec"], job["metadata"]
    if spec.get("manualSelector"):
        return
    uid, name = meta["uid"], meta.get("name") or ""
    template = spec["template"].setdefault("metadata", {})
    template["labels"] = (template.get("labels") or {}) | {
        CONTROLLER_UID: uid,
        JOB_NAME: name,
        _OLD_CONTROLLER_UID: uid,
        _OLD_JOB_NAME: name,
    }
    if spec.get("selector") is None:
        spec["selector"] = {"matchLabels": {CONTROLLER_UID: uid}}


KIND = Kind(
    identity=JOB,
    short_names=(),
    categories=("all",),
    verbs=ALL_VERBS,
    subresources=(status_subresource(JOB),),
    value_type=Job,
    schema="",
    writes=Writes(
        complete=complete,
        admit=admit,
        generation=True,
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
        ignored=ignored.in_template,
    ),
    fields=SelectableFields(
        paths=frozenset({_SUCCESSFUL}), absent={_SUCCESSFUL: "0"}, value=_field
    ),
    deletion=BACKGROUND,
    columns=columns.PRINTER,
    describe=description.describe,
    versions=(),
)
