"""`describe cronjob`.

Follows kubectl/pkg/describe/describe.go (describeCronJob, describeJobTemplate).
"""

from supervisor.kinds.columns import get
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import or_none, write_events, write_head
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.pods.description import write_template
from supervisor.kinds.workloads import selecting
from supervisor.model.meta import Object

_UNSET = "<unset>"


def switch(value: bool | None) -> str:
    """A boolean as kubectl shows it where it may be absent."""
    return _UNSET if value is None else str(value)


def describe(page: Page, cron_job: Object, reader: Reader) -> None:
    spec, status = cron_job.get("spec") or {}, cron_job.get("status") or {}
    write_head(page, cron_job)
    late = spec.get("startingDeadlineSeconds")
    shown = [
        ("Schedule", spec.get("schedule", "")),
        ("Concurrency Policy", spec.get("concurrencyPolicy", "")),
        ("Suspend", switch(spec.get("suspend"))),
        ("Time Zone", get(spec, "timeZone", _UNSET)),
        (
            "Successful Job History Limit",
            get(spec, "successfulJobsHistoryLimit", _UNSET),
        ),
        ("Failed Job History Limit", get(spec, "failedJobsHistoryLimit", _UNSET)),
        ("Starting Deadline Seconds", _UNSET if late is None else f"{late}s"),
    ]
    for title, value in shown:
        page.line(0, f"{title}:\t{value}")
    _write_jobs(page, spec.get("jobTemplate") or {})
    last = status.get("lastScheduleTime")
    page.line(0, f"Last Schedule Time:\t{page.date(last) if last else _UNSET}")
    active = ", ".join(str(job.get("name")) for job in status.get("active") or ())
    page.line(0, f"Active Jobs:\t{or_none(active)}")
    write_events(page, reader.events(cron_job))


def _write_jobs(page: Page, jobs: Object) -> None:
    spec = jobs.get("spec") or {}
    selector = selecting.text_of(jobs) if "selector" in spec else _UNSET
    page.line(0, f"Selector:\t{selector}")
    page.line(0, f"Parallelism:\t{get(spec, 'parallelism', _UNSET)}")
    page.line(0, f"Completions:\t{get(spec, 'completions', _UNSET)}")
    if spec.get("activeDeadlineSeconds") is not None:
        page.line(0, f"Active Deadline Seconds:\t{spec['activeDeadlineSeconds']}s")
    write_template(page, spec.get("template"))
