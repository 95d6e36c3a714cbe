"""The table of Jobs.

Follows printJob of pkg/printers/internalversion/printers.go.
"""

from supervisor.kinds.columns import (
    AGE,
    NAME,
    Cell,
    Column,
    Printer,
    age_of,
    get,
    name_of,
    since,
)
from supervisor.kinds.jobs.status import is_true
from supervisor.kinds.workloads.columns import (
    CONTAINERS,
    IMAGES,
    SELECTOR,
    containers_and_images,
    selector_text,
)
from supervisor.model import times
from supervisor.model.meta import Object

_COLUMNS = (
    NAME,
    Column("Status", "What has become of the Job."),
    Column("Completions", "How many pods have succeeded, of how many."),
    Column("Duration", "How long it took, or has taken yet."),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
)
_BEFORE_DELETION = ("Complete", "Failed")
_AFTER_DELETION = ("Suspended", "FailureTarget", "SuccessCriteriaMet")


def _cells(job: Object, now: float) -> list[Cell]:
    return [
        name_of(job),
        _status(job),
        _completions(job),
        _duration(job, now),
        age_of(job, now),
        *containers_and_images(job),
        selector_text(job),
    ]


def _status(job: Object) -> str:
    status = job.get("status") or {}
    for kind in _BEFORE_DELETION:
        if is_true(status, kind):
            return kind
    if get(job, "metadata.deletionTimestamp"):
        return "Terminating"
    standing = (kind for kind in _AFTER_DELETION if is_true(status, kind))
    return next(standing, "Running")


def _completions(job: Object) -> str:
    succeeded = get(job, "status.succeeded", 0)
    completions, parallel = (
        get(job, f"spec.{field}") for field in ("completions", "parallelism")
    )
    if completions is not None:
        return f"{succeeded}/{completions}"
    return f"{succeeded}/1 of {parallel}" if (parallel or 0) > 1 else f"{succeeded}/1"


def _duration(job: Object, now: float) -> str:
    start, end = get(job, "status.startTime"), get(job, "status.completionTime")
    if not start:
        return ""
    return since(start, times.to_seconds(end) if end else now)


PRINTER = Printer(_COLUMNS, _cells)
