"""What a CronJob may be.

Follows ValidateCronJobCreate and validateCronJobSpec of
pkg/apis/batch/validation/validation.go.
"""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from supervisor.kinds.jobs import validation as jobs
from supervisor.model import cron, names
from supervisor.model.errors import invalid, required, unsupported
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors

_POLICIES = ("Allow", "Forbid", "Replace")
_MAX_NAME = 52
"""Of a Job's 63 characters; its slot takes the others."""
_ZONE_PART = r"[A-Za-z._0-9+][A-Za-z.\-_0-9+]{0,13}"
_ZONES = "https://www.iana.org/time-zones"


def check(cron_job: Object) -> Errors:
    meta = cron_job["metadata"]
    yield from metadata.check(meta, namespaced=True, name_check=names.dns_subdomain)
    yield from _spec(cron_job.get("spec") or {}, None)
    name = meta.get("name") or ""
    if len(name) > _MAX_NAME:
        detail = f"must be no more than {_MAX_NAME} characters"
        yield invalid("metadata.name", name, detail)


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _spec(new.get("spec") or {}, old.get("spec") or {})


def check_status(new: Object, old: Object) -> Errors:
    yield from check_update(new, old)


def load_zone(name: str) -> ZoneInfo:
    """Raises ValueError for a name that is not in the database of zones."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"unknown time zone {name}") from None


def _spec(spec: Object, old: Object | None) -> Errors:
    yield from _schedule(spec, old or {})
    late = spec.get("startingDeadlineSeconds")
    yield from report.not_negative("spec.startingDeadlineSeconds", late)
    zone = spec.get("timeZone")
    if zone is not None and (old is None or zone != old.get("timeZone")):
        yield from _time_zone(zone, "spec.timeZone")
    policy = spec.get("concurrencyPolicy")
    yield from report.one_of("spec.concurrencyPolicy", policy, _POLICIES)
    yield from _jobs((spec.get("jobTemplate") or {}).get("spec") or {})
    for field in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        yield from report.not_negative(f"spec.{field}", spec.get(field))


def _schedule(spec: Object, old: Object) -> Errors:
    field, schedule = "spec.schedule", spec.get("schedule") or ""
    if not schedule:
        yield required(field)
        return
    plain = re.sub(r"^(CRON_)?TZ=\S* +", "", schedule)
    try:
        cron.parse(plain)
    except ValueError as error:
        yield invalid(field, schedule, str(error))
    if "TZ" not in schedule:
        return
    if "TZ" not in (old.get("schedule") or ""):
        detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        yield invalid(field, schedule, detail)
    elif spec.get("timeZone") is not None:
        detail = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
        yield invalid(field, schedule, detail)


def _time_zone(zone: str, field: str) -> Errors:
    if not zone:
        yield invalid(field, zone, "timeZone must be nil or non-empty string")
        return
    parts = zone.split("/")
    if any(p in (".", "..") or not re.fullmatch(_ZONE_PART, p) for p in parts):
        yield invalid(field, zone, f"unknown time zone {zone}")
        return
    if zone.lower() == "local":
        detail = f"timeZone must be an explicit time zone as defined in {_ZONES}"
        yield invalid(field, zone, detail)
    try:
        load_zone(zone)
    except ValueError as error:
        yield invalid(field, zone, str(error))


def _jobs(spec: Object) -> Errors:
    path = "spec.jobTemplate.spec"
    yield from jobs.check_spec(spec, path)
    if spec.get("selector") is not None:
        detail = "`selector` will be auto-generated"
        yield invalid(f"{path}.selector", spec["selector"], detail)
    if spec.get("manualSelector"):
        yield unsupported(f"{path}.manualSelector", True, ("nil", "false"))
