"""CronJob: makes Jobs on a schedule.

Follows pkg/registry/batch/cronjob/strategy.go and pkg/apis/batch/v1/defaults.go.
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
from supervisor.kinds.jobs import defaults
from supervisor.kinds.parts import status_subresource
from supervisor.kinds.workloads import selecting, templates
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
    spec = cron_job.setdefault("spec", {})
    spec["concurrencyPolicy"] = spec.get("concurrencyPolicy") or "Allow"
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)
    jobs = spec.setdefault("jobTemplate", {})
    templates.complete(jobs)
    defaults.complete_policy(jobs["spec"])


def admit(cron_job: Object, _admission: Admission) -> None:
    mark_strict_template(_jobs_of(cron_job))


def prepare_update(new: Object, old: Object) -> None:
    templates.keep_marks(_jobs_of(new), _jobs_of(old))


def _jobs_of(cron_job: Object) -> Object:
    """The template of its Jobs, which looks like a Job without a name."""
    found: Object = (cron_job.get("spec") or {}).get("jobTemplate") or {}
    return found


def warnings(cron_job: Object) -> list[str]:
    path = "spec.jobTemplate.spec"
    return defaults.warnings(_jobs_of(cron_job).get("spec") or {}, path)


def _cells(cron_job: Object, now: float) -> list[Cell]:
    last = get(cron_job, "status.lastScheduleTime")
    return [
        name_of(cron_job),
        get(cron_job, "spec.schedule", ""),
        get(cron_job, "spec.timeZone", NONE),
        description.switch(get(cron_job, "spec.suspend")),
        len(get(cron_job, "status.active", ())),
        since(last, now) if last else NONE,
        age_of(cron_job, now),
        *containers_and_images(cron_job, "spec.jobTemplate.spec.template"),
        selecting.text_of(_jobs_of(cron_job)) or NONE,
    ]


_COLUMNS = (
    NAME,
    Column("Schedule", "When Jobs are made."),
    Column("Timezone", "The time zone of the schedule."),
    Column("Suspend", "Whether no Jobs are made.", "boolean"),
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
        prepare_update=prepare_update,
        prepare_status=no_update_change,
    ),
    rules=Rules(
        create=validation.check,
        update=validation.check_update,
        status=validation.check_status,
        warnings=warnings,
        ignored=ignored.in_job_template,
    ),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=Printer(_COLUMNS, _cells),
    describe=description.describe,
    versions=(same_fields("batch", "v1beta1"), same_fields("batch", "v2alpha1")),
)
