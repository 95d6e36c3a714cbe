"""`describe cronjob`.

Follows kubectl/pkg/describe/describe.go (describeCronJob).
"""

from supervisor.kinds.columns import get
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import write_events, write_head
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.jobs.description import write_job_spec
from supervisor.kinds.pods.description import write_template
from supervisor.model.meta import Object

_UNSET = "<unset>"


def describe(page: Page, cron_job: Object, reader: Reader) -> None:
    spec = cron_job.get("spec") or {}
    write_head(page, cron_job)
    page.line(0, f"Schedule:\t{spec.get('schedule', '')}")
    if spec.get("timeZone"):
        page.line(0, f"Time Zone:\t{spec['timeZone']}")
    page.line(0, f"Concurrency Policy:\t{spec.get('concurrencyPolicy', '')}")
    page.line(0, f"Suspend:\t{bool(spec.get('suspend'))}")
    kept = spec.get("successfulJobsHistoryLimit", _UNSET)
    page.line(0, f"Successful Job History Limit:\t{kept}")
    kept = spec.get("failedJobsHistoryLimit", _UNSET)
    page.line(0, f"Failed Job History Limit:\t{kept}")
    seconds = spec.get("startingDeadlineSeconds")
    late = _UNSET if seconds is None else f"{seconds}s"
    page.line(0, f"Starting Deadline Seconds:\t{late}")
    job = get(spec, "jobTemplate.spec", {})
    page.line(0, f"Selector:\t{_UNSET}")
    write_job_spec(page, job)
    write_template(page, job.get("template"))
    last = get(cron_job, "status.lastScheduleTime")
    page.line(0, f"Last Schedule Time:\t{page.date(last) if last else _UNSET}")
    active = [str(each.get("name")) for each in get(cron_job, "status.active", [])]
    page.line(0, f"Active Jobs:\t{', '.join(active) or '<none>'}")
    write_events(page, reader.events(cron_job))
