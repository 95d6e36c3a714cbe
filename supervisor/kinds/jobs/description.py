"""`describe job`.

Follows kubectl/pkg/describe/describe.go (describeJob).
"""

from supervisor.kinds.columns import get
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import (
    controller_of,
    or_none,
    write_annotations,
    write_events,
    write_labels,
)
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.pods.description import write_template
from supervisor.kinds.workloads import selecting
from supervisor.model import times
from supervisor.model.durations import human_duration
from supervisor.model.meta import Object

_SHOWN_INDEXES = 50


def describe(page: Page, job: Object, reader: Reader) -> None:
    meta, spec = job["metadata"], job.get("spec") or {}
    page.line(0, f"Name:\t{meta['name']}")
    page.line(0, f"Namespace:\t{meta.get('namespace', '')}")
    page.line(0, f"Selector:\t{selecting.text_of(job)}")
    write_labels(page, "Labels", meta.get("labels"))
    write_annotations(page, meta.get("annotations"))
    if owner := controller_of(job):
        page.line(0, f"Controlled By:\t{owner.get('kind')}/{owner.get('name')}")
    _write_numbers(page, spec)
    _write_status(page, spec, job.get("status") or {})
    write_template(page, spec.get("template"))
    write_events(page, reader.events(job))


def _write_numbers(page: Page, spec: Object) -> None:
    completions = get(spec, "completions", "<unset>")
    shown = [
        ("Parallelism", spec.get("parallelism")),
        ("Completions", completions),
        ("Completion Mode", spec.get("completionMode")),
        ("Suspend", None if "suspend" not in spec else str(spec["suspend"]).lower()),
        ("Backoff Limit", spec.get("backoffLimit")),
        ("TTL Seconds After Finished", spec.get("ttlSecondsAfterFinished")),
    ]
    for title, value in shown:
        if value is not None:
            page.line(0, f"{title}:\t{value}")


def _write_status(page: Page, spec: Object, status: Object) -> None:
    start, end = status.get("startTime"), status.get("completionTime")
    if start:
        page.line(0, f"Start Time:\t{page.date(start)}")
    if end:
        page.line(0, f"Completed At:\t{page.date(end)}")
    if start and end:
        took = times.to_seconds(end) - times.to_seconds(start)
        page.line(0, f"Duration:\t{human_duration(took)}")
    if spec.get("activeDeadlineSeconds") is not None:
        page.line(0, f"Active Deadline Seconds:\t{spec['activeDeadlineSeconds']}s")
    ready = f" ({status['ready']} Ready)" if status.get("ready") is not None else ""
    succeeded, failed = status.get("succeeded", 0), status.get("failed", 0)
    counts = f"{status.get('active', 0)} Active{ready} / {succeeded} Succeeded"
    page.line(0, f"Pods Statuses:\t{counts} / {failed} Failed")
    if spec.get("completionMode") == "Indexed":
        shown = _shortened(status.get("completedIndexes") or "")
        page.line(0, f"Completed Indexes:\t{shown}")


def _shortened(indexes: str) -> str:
    """Whole intervals, up to the first that ends after so many characters."""
    comma = indexes.find(",", _SHOWN_INDEXES)
    return f"{indexes[: comma + 1]}..." if comma >= 0 else or_none(indexes)
