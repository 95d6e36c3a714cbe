"""What a Job may be, and what of it may change.

Follows ValidateJob, ValidateJobSpec and ValidateJobSpecUpdate of
pkg/apis/batch/validation/validation.go.
"""

from copy import deepcopy

from supervisor.kinds.jobs import policies, selector, start_at, status
from supervisor.kinds.workloads import selecting, templates
from supervisor.model import names
from supervisor.model.equality import same
from supervisor.model.errors import invalid, required, too_long, unsupported
from supervisor.model.meta import Object
from supervisor.model.validation import label_selectors, metadata, report
from supervisor.model.validation.report import Errors

INDEXED = "Indexed"
_MODES = ("NonIndexed", INDEXED)
_RESTART_POLICIES = ("OnFailure", "Never")
_COUNTS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
_MAX_INDEXED = 100_000
_MAX_WITH_MANY_COMPLETIONS = 10_000
_MAX_MANAGED_BY = 63
_NEVER_CHANGE = (
    "completionMode",
    "podFailurePolicy",
    "backoffLimitPerIndex",
    "managedBy",
    "successPolicy",
)


def check(job: Object) -> Errors:
    yield from metadata.check(
        job["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from selector.check(job)
    yield from _spec(job)
    yield from start_at.check(job["metadata"])


def check_update(new: Object, old: Object) -> Errors:
    template = ((old.get("spec") or {}).get("template") or {}).get("metadata") or {}
    before = template.get("labels") or {}
    prefixed = selector.JOB_NAME in before and selector.CONTROLLER_UID in before
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from selector.check(new, prefixed=prefixed)
    yield from _spec(new)
    yield from start_at.check(new["metadata"])
    spec, was = new.get("spec") or {}, old.get("spec") or {}
    yield from _completions(spec, was)
    yield from selecting.check_update(new, old)
    yield from _template(spec, was, old.get("status") or {})
    for field in _NEVER_CHANGE:
        if not same(spec.get(field), was.get(field)):
            yield invalid(f"spec.{field}", spec.get(field), report.IMMUTABLE)


def check_status(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from status.check(new, old)


def _spec(job: Object) -> Errors:
    spec = job.get("spec") or {}
    yield from check_spec(spec, "spec")
    given = spec.get("selector")
    if given is None:
        yield required("spec.selector")
    yield from label_selectors.check(given, "spec.selector")
    selected = selecting.usable(spec)
    if selected is not None:
        template = spec.get("template") or {}
        yield from templates.check_selected(template, selected, "spec.template")
    completions = spec.get("completions") or 0
    if spec.get("completionMode") == INDEXED and completions > 0:
        name = job["metadata"].get("name") or ""
        last = f"{name}-{completions - 1}"
        if names.dns_label(last):
            detail = f"will not able to create pod with invalid DNS label: {last}"
            yield invalid("metadata.name", name, detail)


def check_spec(spec: Object, path: str) -> Errors:
    """The spec of a Job, or of the Jobs that a CronJob makes."""
    for field in _COUNTS:
        yield from report.not_negative(f"{path}.{field}", spec.get(field))
    is_limited = spec.get("backoffLimitPerIndex") is not None
    if spec.get("maxFailedIndexes") is not None and not is_limited:
        detail = "when maxFailedIndexes is specified"
        yield required(f"{path}.backoffLimitPerIndex", detail)
    if (manager := spec.get("managedBy")) is not None:
        wrong = names.domain_prefixed_path(manager)
        yield from report.each(f"{path}.managedBy", manager, wrong)
        if len(manager) > _MAX_MANAGED_BY:
            yield too_long(f"{path}.managedBy", _MAX_MANAGED_BY)
    yield from _mode(spec, path)
    if spec.get("podFailurePolicy") is not None:
        yield from policies.check_failure(spec, f"{path}.podFailurePolicy")
    if (wanted := spec.get("successPolicy")) is not None:
        if spec.get("completionMode") == INDEXED:
            yield from policies.check_success(spec, f"{path}.successPolicy")
        else:
            detail = "requires indexed completion mode"
            yield invalid(f"{path}.successPolicy", wanted, detail)
    yield from policies.check_replacement(spec, f"{path}.podReplacementPolicy")
    yield from templates.check(spec.get("template") or {}, f"{path}.template")
    yield from _restart_policy(spec, f"{path}.template.spec.restartPolicy")


def _mode(spec: Object, path: str) -> Errors:
    mode = spec.get("completionMode")
    if mode is not None and mode not in _MODES:
        yield unsupported(f"{path}.completionMode", mode, _MODES)
    elif mode == INDEXED:
        yield from _indexed(spec, path)
    else:
        for field in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if (value := spec.get(field)) is not None:
                detail = "requires indexed completion mode"
                yield invalid(f"{path}.{field}", value, detail)


def _indexed(spec: Object, path: str) -> Errors:
    completions, parallel = spec.get("completions"), spec.get("parallelism") or 0
    failed = spec.get("maxFailedIndexes")
    if completions is None:
        yield required(f"{path}.completions", f"when completion mode is {INDEXED}")
    if parallel > _MAX_INDEXED:
        detail = f"{_NO_MORE_THAN} {_MAX_INDEXED} when completion mode is {INDEXED}"
        yield invalid(f"{path}.parallelism", parallel, detail)
    field = f"{path}.maxFailedIndexes"
    if failed is not None and completions is not None and failed > completions:
        yield invalid(field, failed, f"{_NO_MORE_THAN} completions")
    if failed is not None and failed > _MAX_INDEXED:
        yield invalid(field, failed, f"{_NO_MORE_THAN} {_MAX_INDEXED}")
    is_limited = spec.get("backoffLimitPerIndex") is not None
    if (completions or 0) > _MAX_INDEXED and is_limited:
        yield from _many(parallel, failed, path)


def _many(parallel: int, failed: int | None, path: str) -> Errors:
    """Of a Job with so many indexes that their states hardly fit into its status."""
    if failed is None:
        detail = f"must be specified when completions is above {_MAX_INDEXED}"
        yield required(f"{path}.maxFailedIndexes", detail)
    detail = (
        f"{_NO_MORE_THAN} {_MAX_WITH_MANY_COMPLETIONS} when completions are above "
        f"{_MAX_INDEXED} and used with backoff limit per index"
    )
    for field, value in (("parallelism", parallel), ("maxFailedIndexes", failed or 0)):
        if value > _MAX_WITH_MANY_COMPLETIONS:
            yield invalid(f"{path}.{field}", value, detail)


_NO_MORE_THAN = "must be less than or equal to"


def _restart_policy(spec: Object, field: str) -> Errors:
    pod = (spec.get("template") or {}).get("spec") or {}
    policy = pod.get("restartPolicy") or ""
    if policy in ("", "Always"):
        yield required(field, 'valid values: "OnFailure", "Never"')
    elif policy not in _RESTART_POLICIES:
        yield unsupported(field, policy, _RESTART_POLICIES)
    elif spec.get("podFailurePolicy") is not None and policy != "Never":
        detail = 'only "Never" is supported when podFailurePolicy is specified'
        yield invalid(field, policy, detail)


def _completions(new: Object, old: Object) -> Errors:
    wanted = new.get("completions")
    if wanted == old.get("completions"):
        return
    if new.get("completionMode") != INDEXED:
        yield invalid("spec.completions", wanted, report.IMMUTABLE)
    elif wanted is not None and wanted != new.get("parallelism"):
        detail = "can only be modified in tandem with spec.parallelism"
        yield invalid("spec.completions", wanted, detail)


def _template(new: Object, old: Object, state: Object) -> Errors:
    after, before = new.get("template") or {}, deepcopy(old.get("template") or {})
    if old.get("suspend") and status.is_at_rest(state):
        _allow_while_suspended(before, after)
    if not same(after, before):
        yield invalid("spec.template", after, report.IMMUTABLE)


def _allow_while_suspended(before: Object, after: Object) -> None:
    """Where pods go, and what they ask for, may be decided before they are made."""
    meta, spec = before.setdefault("metadata", {}), before.setdefault("spec", {})
    new = after.get("spec") or {}
    for field in ("labels", "annotations"):
        meta[field] = (after.get("metadata") or {}).get(field)
    for field in ("nodeSelector", "tolerations", "schedulingGates"):
        spec[field] = new.get(field)
    affinity = spec.get("affinity") or {}
    wanted = (new.get("affinity") or {}).get("nodeAffinity")
    spec["affinity"] = affinity | {"nodeAffinity": wanted}
    for row in ("containers", "initContainers"):
        was, now = spec.get(row) or [], new.get(row) or []
        for container, given in zip(was, now, strict=False):
            if container.get("name") == given.get("name"):
                container["resources"] = given.get("resources")
