"""What a CronJob may be.

Follows validateCronJobSpec of pkg/apis/batch/validation/validation.go.
"""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from supervisor.kinds.jobs.validation import check_spec
from supervisor.model import cron, names
from supervisor.model.errors import invalid, required, unsupported
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors

_POLICIES = ("Allow", "Forbid", "Replace")
_MAX_NAME = 52
"""A Job's name is longer by eleven letters, and its pods' by six more."""
_ZONE_PREFIXES = ("TZ=", "CRON_TZ=")


def check(cron_job: Object) -> Errors:
    meta = cron_job["metadata"]
    yield from metadata.check(meta, namespaced=True, name_check=names.dns_subdomain)
    name = meta.get("name") or ""
    if len(name) > _MAX_NAME:
        detail = f"must be no more than {_MAX_NAME} characters"
        yield invalid("metadata.name", name, detail)
    yield from _spec(cron_job.get("spec") or {})


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _spec(new.get("spec") or {})


def check_status(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])


def load_zone(name: str) -> ZoneInfo:
    """Raises ValueError for a name that is not in the database of zones."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"unknown time zone {name}") from None


def _spec(spec: Object) -> Errors:
    if not spec.get("schedule"):
        yield required("spec.schedule")
    else:
        yield from _schedule(spec["schedule"], spec.get("timeZone"))
    yield from _zone(spec.get("timeZone"))
    for field in (
        "startingDeadlineSeconds",
        "successfulJobsHistoryLimit",
        "failedJobsHistoryLimit",
    ):
        yield from report.not_negative(f"spec.{field}", spec.get(field))
    policy = spec.get("concurrencyPolicy") or ""
    if not policy:
        yield required("spec.concurrencyPolicy")
    elif policy not in _POLICIES:
        yield unsupported("spec.concurrencyPolicy", policy, _POLICIES)
    job = (spec.get("jobTemplate") or {}).get("spec") or {}
    yield from check_spec(job, "spec.jobTemplate.spec")
    if job.get("manualSelector"):
        field = "spec.jobTemplate.spec.manualSelector"
        yield unsupported(field, True, ("nil", "false"))


def _schedule(text: str, zone: str | None) -> Errors:
    field = "spec.schedule"
    if text.startswith(_ZONE_PREFIXES):
        detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        if zone is not None:
            detail = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
        yield invalid(field, text, detail)
        return
    try:
        cron.parse(text)
    except ValueError as error:
        yield invalid(field, text, str(error))


def _zone(name: str | None) -> Errors:
    field = "spec.timeZone"
    if name is None:
        return
    if not name:
        yield invalid(field, name, "timeZone must be nil or non-empty string")
    elif name.lower() == "local":
        detail = "timeZone must be an explicit time zone as defined in "
        yield invalid(field, name, f"{detail}https://www.iana.org/time-zones")
    else:
        try:
            load_zone(name)
        except ValueError as error:
            yield invalid(field, name, str(error))
