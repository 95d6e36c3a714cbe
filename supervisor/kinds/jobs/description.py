"""`describe job`.

Follows kubectl/pkg/describe/describe.go (describeJob).
"""

from supervisor.kinds.columns import get
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import (
    controller_of,
    write_annotations,
    write_events,
    write_labels,
)
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.jobs.columns import duration_text
from supervisor.kinds.pods.description import write_template
from supervisor.kinds.workloads.columns import selector_text
from supervisor.model.meta import Object


def describe(page: Page, job: Object, reader: Reader) -> None:
    meta, spec = job["metadata"], job.get("spec") or {}
    page.line(0, f"Name:\t{meta['name']}")
    page.line(0, f"Namespace:\t{meta.get('namespace', '')}")
    page.line(0, f"Selector:\t{selector_text(job)}")
    write_labels(page, "Labels", meta.get("labels"))
    write_annotations(page, meta.get("annotations"))
    if owner := controller_of(job):
        page.line(0, f"Controlled By:\t{owner.get('kind')}/{owner.get('name')}")
    write_job_spec(page, spec)
    _write_times(page, job)
    active, ready = (get(job, f"status.{f}", 0) for f in ("active", "ready"))
    succeeded, failed = (get(job, f"status.{f}", 0) for f in ("succeeded", "failed"))
    text = f"{active} Active ({ready} Ready) / {succeeded} Succeeded / {failed} Failed"
    page.line(0, f"Pods Statuses:\t{text}")
    if spec.get("completionMode") == "Indexed":
        indexes = get(job, "status.completedIndexes", "")
        page.line(0, f"Completed Indexes:\t{indexes or '<none>'}")
    write_template(page, spec.get("template"))
    write_events(page, reader.events(job))


def write_job_spec(page: Page, spec: Object) -> None:
    """How many pods run, and how often."""
    page.line(0, f"Parallelism:\t{_or_unset(spec.get('parallelism'))}")
    page.line(0, f"Completions:\t{_or_unset(spec.get('completions'))}")
    if mode := spec.get("completionMode"):
        page.line(0, f"Completion Mode:\t{mode}")
    if spec.get("suspend") is not None:
        page.line(0, f"Suspend:\t{str(spec['suspend']).lower()}")
    if spec.get("backoffLimit") is not None:
        page.line(0, f"Backoff Limit:\t{spec['backoffLimit']}")
    if spec.get("ttlSecondsAfterFinished") is not None:
        seconds = spec["ttlSecondsAfterFinished"]
        page.line(0, f"TTL Seconds After Finished:\t{seconds}")


def _write_times(page: Page, job: Object) -> None:
    start, end = get(job, "status.startTime"), get(job, "status.completionTime")
    if start:
        page.line(0, f"Start Time:\t{page.date(start)}")
    if end:
        page.line(0, f"Completed At:\t{page.date(end)}")
    if start and end:
        page.line(0, f"Duration:\t{duration_text(job, page.now)}")
    if seconds := get(job, "spec.activeDeadlineSeconds"):
        page.line(0, f"Active Deadline Seconds:\t{seconds}s")


def _or_unset(value: object) -> object:
    return "<unset>" if value is None else value
