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
)
from supervisor.kinds.workloads.columns import (
    CONTAINERS,
    IMAGES,
    SELECTOR,
    containers_and_images,
    selector_text,
)
from supervisor.model import times
from supervisor.model.durations import human_duration
from supervisor.model.meta import Object

_COLUMNS = (
    NAME,
    Column("Status", "How far the Job is."),
    Column("Completions", "How many pods have succeeded, of those that have to."),
    Column("Duration", "How long the Job has run."),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
)
_SHOWN = ("Suspended", "FailureTarget", "SuccessCriteriaMet")


def has(job: Object, kind: str) -> bool:
    """Whether the condition of that type is True."""
    return any(
        c.get("type") == kind and c.get("status") == "True"
        for c in get(job, "status.conditions", [])
    )


def status_text(job: Object) -> str:
    for kind in ("Complete", "Failed"):
        if has(job, kind):
            return kind
    if get(job, "metadata.deletionTimestamp"):
        return "Terminating"
    return next((kind for kind in _SHOWN if has(job, kind)), "Running")


def completions_text(job: Object) -> str:
    succeeded = get(job, "status.succeeded", 0)
    wanted = get(job, "spec.completions")
    if wanted is not None:
        return f"{succeeded}/{wanted}"
    several = get(job, "spec.parallelism", 0)
    return f"{succeeded}/1 of {several}" if several > 1 else f"{succeeded}/1"


def duration_text(job: Object, now: float) -> str:
    start, end = get(job, "status.startTime"), get(job, "status.completionTime")
    if start is None:
        return ""
    until = now if end is None else times.to_seconds(end)
    return human_duration(until - times.to_seconds(start))


def _cells(job: Object, now: float) -> list[Cell]:
    return [
        name_of(job),
        status_text(job),
        completions_text(job),
        duration_text(job, now),
        age_of(job, now),
        *containers_and_images(job),
        selector_text(job),
    ]


PRINTER = Printer(_COLUMNS, _cells)
