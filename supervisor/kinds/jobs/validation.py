"""What a Job may be, and what of it may change.

Follows ValidateJobSpec and ValidateJobUpdate of
pkg/apis/batch/validation/validation.go.
"""

from supervisor.kinds.jobs import failure_policy, start_at
from supervisor.kinds.workloads import selecting, templates
from supervisor.model import names
from supervisor.model.equality import same
from supervisor.model.errors import invalid, required, unsupported
from supervisor.model.meta import Object
from supervisor.model.validation import label_selectors, metadata, report
from supervisor.model.validation.report import Errors

_COUNTS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
_IMMUTABLE = (
    "completions",
    "selector",
    "template",
    "completionMode",
    "podFailurePolicy",
    "backoffLimitPerIndex",
    "managedBy",
    "successPolicy",
)
_MODES = ("Indexed", "NonIndexed")
_REPLACEMENTS = ("Failed", "TerminatingOrFailed")
_MAX_INDEXED = 100_000


def check(job: Object) -> Errors:
    yield from metadata.check(
        job["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from start_at.check(job["metadata"])
    spec = job.get("spec") or {}
    yield from check_spec(spec, "spec")
    yield from _selector(spec)


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from start_at.check(new["metadata"])
    after, before = new.get("spec") or {}, old.get("spec") or {}
    yield from check_spec(after, "spec")
    for field in _IMMUTABLE:
        if not same(after.get(field), before.get(field)):
            yield invalid(f"spec.{field}", after.get(field), report.IMMUTABLE)


def check_status(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    status = new.get("status") or {}
    for field in ("active", "succeeded", "failed", "ready", "terminating"):
        yield from report.not_negative(f"status.{field}", status.get(field))


def _selector(spec: Object) -> Errors:
    if spec.get("selector") is None:
        yield required("spec.selector")
        return
    yield from label_selectors.check(spec["selector"], "spec.selector")
    yield from templates.check_selected(
        spec.get("template") or {}, selecting.usable(spec), "spec.template"
    )


def check_spec(spec: Object, path: str) -> Errors:
    """Of a Job, or of the template of one, whose selector is not there yet."""
    for field in _COUNTS:
        yield from report.not_negative(f"{path}.{field}", spec.get(field))
    template = spec.get("template") or {}
    yield from templates.check(template, f"{path}.template")
    yield from _restarts(template.get("spec") or {}, f"{path}.template.spec")
    yield from _mode(spec, path)
    yield from failure_policy.check(spec, path)
    policy = spec.get("podReplacementPolicy")
    if policy is not None and policy not in _REPLACEMENTS:
        yield unsupported(f"{path}.podReplacementPolicy", policy, _REPLACEMENTS)
    elif policy == "TerminatingOrFailed" and spec.get("podFailurePolicy") is not None:
        yield unsupported(f"{path}.podReplacementPolicy", policy, ("Failed",))


def _restarts(spec: Object, path: str) -> Errors:
    policy = spec.get("restartPolicy") or ""
    if not policy:
        detail = 'valid values: "OnFailure", "Never"'
        yield required(f"{path}.restartPolicy", detail)
    elif policy not in ("OnFailure", "Never"):
        yield unsupported(f"{path}.restartPolicy", policy, ("OnFailure", "Never"))


def _mode(spec: Object, path: str) -> Errors:
    mode = spec.get("completionMode")
    if mode is None:
        return
    if mode not in _MODES:
        yield unsupported(f"{path}.completionMode", mode, _MODES)
    if mode == "Indexed":
        if spec.get("completions") is None:
            detail = f"when completion mode is {mode}"
            yield required(f"{path}.completions", detail)
        if (spec.get("parallelism") or 0) > _MAX_INDEXED:
            detail = f"must be less than or equal to {_MAX_INDEXED}"
            detail += f" when completion mode is {mode}"
            yield invalid(f"{path}.parallelism", spec["parallelism"], detail)
    elif spec.get("backoffLimitPerIndex") is not None:
        field, value = f"{path}.backoffLimitPerIndex", spec["backoffLimitPerIndex"]
        yield invalid(field, value, "requires indexed completion mode")
