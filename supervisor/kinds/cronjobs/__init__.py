"""CronJob: makes Jobs on a schedule.

Follows pkg/registry/batch/cronjob/strategy.go, pkg/apis/batch/v1/defaults.go and
pkg/printers/internalversion/printers.go (printCronJob).
"""

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
    NONE,
    Cell,
    Column,
    Printer,
    age_of,
    get,
    name_of,
    since,
)
from supervisor.kinds.cronjobs import description, validation
from supervisor.kinds.identity import CRON_JOB
from supervisor.kinds.ignored import in_job_template
from supervisor.kinds.jobs import complete_spec
from supervisor.kinds.parts import status_subresource
from supervisor.kinds.workloads import templates
from supervisor.kinds.workloads.columns import (
    CONTAINERS,
    IMAGES,
    SELECTOR,
    containers_and_images,
)
from supervisor.kinds.workloads.versions import same_fields
from supervisor.model.defaults import mark_strict_template
from supervisor.model.jobs import CronJob
from supervisor.model.meta import Object


def complete(cron_job: Object) -> None:
    """Follows SetDefaults_CronJob."""
    spec = cron_job.setdefault("spec", {})
    spec["concurrencyPolicy"] = spec.get("concurrencyPolicy") or "Allow"
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)
    job = spec.setdefault("jobTemplate", {})
    job.setdefault("metadata", {})
    templates.complete(job)
    complete_spec(job["spec"])


def admit(cron_job: Object, _admission: Admission) -> None:
    template = (cron_job.get("spec") or {}).get("jobTemplate")
    if isinstance(template, dict):
        mark_strict_template(template)


def _cells(cron_job: Object, now: float) -> list[Cell]:
    last = get(cron_job, "status.lastScheduleTime")
    return [
        name_of(cron_job),
        get(cron_job, "spec.schedule", ""),
        get(cron_job, "spec.timeZone") or NONE,
        str(bool(get(cron_job, "spec.suspend", False))),
        len(get(cron_job, "status.active", [])),
        since(last, now) if last else NONE,
        age_of(cron_job, now),
        *containers_and_images(cron_job, "spec.jobTemplate.spec.template"),
        NONE,
    ]


_COLUMNS = (
    NAME,
    Column("Schedule", "When Jobs are made, in cron's format."),
    Column("Timezone", "Where the schedule is read."),
    Column("Suspend", "Whether no Jobs are made."),
    Column("Active", "How many of its Jobs run.", "integer"),
    Column("Last Schedule", "The time since the slot of the last Job."),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
)

KIND = Kind(
    identity=CRON_JOB,
    short_names=("cj",),
    categories=("all",),
    verbs=ALL_VERBS,
    subresources=(status_subresource(CRON_JOB),),
    value_type=CronJob,
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
        status=validation.check_status,
        warnings=no_warnings,
        ignored=in_job_template,
    ),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=Printer(_COLUMNS, _cells),
    describe=description.describe,
    versions=(same_fields("batch", "v1beta1"),),
)
