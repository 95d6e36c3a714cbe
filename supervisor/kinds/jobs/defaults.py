"""What a Job says that its user left unsaid, and what is told about it.

Follows pkg/apis/batch/v1/defaults.go and pkg/api/job/warnings.go.
"""

from supervisor.kinds.workloads import templates
from supervisor.model.meta import Object
from supervisor.model.validation.report import MAX_INT32

_MANY_COMPLETIONS = 100_000
_MANY_AT_A_TIME = 10_000


def complete(job: Object) -> None:
    spec = job.setdefault("spec", {})
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = 1
    spec.setdefault("parallelism", 1)
    per_index = spec.get("backoffLimitPerIndex") is not None
    spec.setdefault("backoffLimit", MAX_INT32 if per_index else 6)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    is_strict = spec.get("podFailurePolicy") is not None
    waits = "Failed" if is_strict else "TerminatingOrFailed"
    spec.setdefault("podReplacementPolicy", waits)
    spec.setdefault("manualSelector", False)
    complete_policy(spec)
    templates.complete(job)
    templates.take_labels(job)


def complete_policy(spec: Object) -> None:
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or []:
        for pattern in rule.get("onPodConditions") or []:
            pattern["status"] = pattern.get("status") or "True"


def warnings(spec: Object, path: str) -> list[str]:
    completions, parallel = spec.get("completions") or 0, spec.get("parallelism") or 0
    is_indexed = spec.get("completionMode") == "Indexed"
    if not is_indexed or completions <= _MANY_COMPLETIONS:
        return []
    if parallel <= _MANY_AT_A_TIME:
        return []
    return [
        f"{path}: In Indexed Jobs with a number of completions higher than 10^5 and a "
        "parallelism higher than 10^4, Kubernetes might not be able to track "
        "completedIndexes when a big number of indexes fail"
    ]
