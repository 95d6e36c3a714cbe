"""What the status of a Job may say, and how it may change.

Follows validateJobStatus and ValidateJobStatusUpdate of
pkg/apis/batch/validation/validation.go.
"""

from supervisor.kinds.workloads import counts
from supervisor.model import indexes, times
from supervisor.model.errors import duplicate, invalid, invalid_as_a_whole, required
from supervisor.model.meta import Object
from supervisor.model.validation.report import Errors

_CONDITIONS = "status.conditions"
_NEVER_TOGETHER = (
    ("Complete", "Failed", "Complete=True and Failed=true"),
    ("Complete", "FailureTarget", "Complete=True and FailureTarget=true"),
    ("SuccessCriteriaMet", "Failed", "SuccessCriteriaMet=True and Failed=true"),
    (
        "SuccessCriteriaMet",
        "FailureTarget",
        "SuccessCriteriaMet=True and FailureTarget=true",
    ),
)
_FINAL = ("Failed", "Complete", "FailureTarget", "SuccessCriteriaMet")


def is_true(status: Object, kind: str) -> bool:
    """Whether the condition of that type stands."""
    conditions = status.get("conditions") or ()
    return any(c.get("type") == kind and c.get("status") == "True" for c in conditions)


def is_finished(status: Object) -> bool:
    return is_true(status, "Complete") or is_true(status, "Failed")


def is_at_rest(status: Object) -> bool:
    """Whether a suspended Job has no pods: it has not begun, or has been stopped."""
    stopped = not status.get("startTime") or is_true(status, "Suspended")
    return stopped and not status.get("active")


def check(new: Object, old: Object) -> Errors:
    status, before = new.get("status") or {}, old.get("status") or {}
    spec = new.get("spec") or {}
    fields = ("active", "succeeded", "failed", "ready", "terminating")
    yield from counts.not_negative(status, *fields)
    yield from _uncounted(status)
    yield from _conditions(status, before)
    yield from _times(status, before, spec)
    if is_finished(status):
        yield from _finished(status, spec)
    yield from _indexes(status, before, spec)
    if (status.get("ready") or 0) > (status.get("active") or 0):
        detail = "cannot set more ready pods than active"
        yield invalid("status.ready", status["ready"], detail)
    yield from _counters(status, before, spec)


def _uncounted(status: Object) -> Errors:
    seen: set[str] = set()
    uncounted = status.get("uncountedTerminatedPods") or {}
    for row in ("succeeded", "failed"):
        for place, uid in enumerate(uncounted.get(row) or []):
            field = f"status.uncountedTerminatedPods.{row}[{place}]"
            if not uid:
                yield invalid(field, uid, "must not be empty")
            elif uid in seen:
                yield duplicate(field, uid)
            seen.add(uid)


def _conditions(status: Object, before: Object) -> Errors:
    for one, other, text in _NEVER_TOGETHER:
        if is_true(status, one) and is_true(status, other):
            yield invalid_as_a_whole(_CONDITIONS, f"cannot set {text} conditions")
    for final, first in (
        ("Failed", "FailureTarget"),
        ("Complete", "SuccessCriteriaMet"),
    ):
        has_begun = is_true(status, final) and not is_true(before, final)
        if has_begun and not is_true(status, first):
            detail = f"cannot set {final}=True condition without the {first}=true "
            yield invalid_as_a_whole(_CONDITIONS, f"{detail}condition")
    for kind in _FINAL:
        if is_true(before, kind) and not is_true(status, kind):
            word = "" if kind == "SuccessCriteriaMet" else "terminal "
            detail = f"cannot disable the {word}{kind}=True condition"
            yield invalid_as_a_whole(_CONDITIONS, detail)


def _times(status: Object, before: Object, spec: Object) -> Errors:
    start, end = status.get("startTime"), status.get("completionTime")
    field, complete = "status.completionTime", is_true(status, "Complete")
    if end and not complete:
        detail = "cannot set completionTime when there is no Complete=True condition"
        yield invalid(field, end, detail)
    if complete and not end:
        yield required(field, "completionTime is required for Complete jobs")
    if start and end and times.to_seconds(end) < times.to_seconds(start):
        yield invalid(field, end, "must be equal to or after `startTime`")
    if end and before.get("completionTime") not in (None, end):
        yield invalid(field, end, "field is immutable")
    resumes = is_true(before, "Suspended") and not is_true(status, "Suspended")
    changed = before.get("startTime") not in (None, start)
    if changed and not resumes and not spec.get("suspend"):
        detail = "field is immutable for unsuspended job once set"
        yield invalid("status.startTime", start, detail)


def _finished(status: Object, spec: Object) -> Errors:
    for field in ("active", "terminating"):
        if (count := status.get(field) or 0) > 0:
            detail = f"{field}>0 is invalid for finished job"
            yield invalid(f"status.{field}", count, detail)
    never_ran = spec.get("suspend") and spec.get("completions") == 0
    if not status.get("startTime") and not never_ran:
        yield required("status.startTime", "startTime is required for finished job")
    uncounted = status.get("uncountedTerminatedPods") or {}
    if uncounted.get("succeeded") or uncounted.get("failed"):
        field = "status.uncountedTerminatedPods"
        yield invalid(field, uncounted, "must be empty for finished job")


def _indexes(status: Object, before: Object, spec: Object) -> Errors:
    fields = ("completedIndexes", "failedIndexes")
    if all(status.get(field) == before.get(field) for field in fields):
        return
    parsed, completions = {}, spec.get("completions") or 0
    for name in fields:
        field, text = f"status.{name}", status.get(name) or ""
        try:
            parsed[name] = indexes.parse(text, completions)
        except ValueError as error:
            parsed[name] = ()
            yield invalid(field, text, f"error parsing {name}: {error}")
    done, failed = status.get("completedIndexes") or "", status.get("failedIndexes")
    if done and spec.get("completionMode") != "Indexed":
        detail = "cannot set non-empty completedIndexes when non-indexed completion "
        yield invalid("status.completedIndexes", done, f"{detail}mode")
    if failed is not None and spec.get("backoffLimitPerIndex") is None:
        detail = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
        yield invalid("status.failedIndexes", failed, detail)
    shared = indexes.first_overlap(parsed[fields[0]], parsed[fields[1]])
    if shared is not None:
        detail = f"failedIndexes and completedIndexes overlap at index: {shared}"
        yield invalid("status.failedIndexes", failed, detail)


def _counters(status: Object, before: Object, spec: Object) -> Errors:
    """They only grow; those of an Indexed Job may shrink with its completions."""
    elastic = spec.get("completionMode") == "Indexed" and (
        spec.get("completions") == spec.get("parallelism")
    )
    for field in ("failed", "succeeded"):
        now, was = status.get(field) or 0, before.get(field) or 0
        if now < was and not (elastic and field == "succeeded"):
            detail = f"cannot decrease the {field} counter"
            yield invalid(f"status.{field}", now, detail)
