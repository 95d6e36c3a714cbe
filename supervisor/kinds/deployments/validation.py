"""What a Deployment may be.

Follows ValidateDeploymentSpec and ValidateDeploymentStatus of
pkg/apis/apps/validation/validation.go.
"""

from typing import Any

from supervisor.kinds.workloads import amounts, counts, selecting, templates
from supervisor.model import names
from supervisor.model.errors import forbidden_field, invalid, required, unsupported
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors

_STRATEGY = "spec.strategy"
_TYPES = ("Recreate", "RollingUpdate")


def check(deployment: Object) -> Errors:
    yield from metadata.check(
        deployment["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from _spec(deployment.get("spec") or {})


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _spec(new.get("spec") or {})
    yield from selecting.check_update(new, old)


def check_status(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    status = new.get("status") or {}
    yield from counts.not_negative(
        status,
        "observedGeneration",
        "replicas",
        "updatedReplicas",
        "readyReplicas",
        "availableReplicas",
        "unavailableReplicas",
        "terminatingReplicas",
        "collisionCount",
    )
    for field in ("updatedReplicas", "readyReplicas", "availableReplicas"):
        detail = "cannot be greater than status.replicas"
        yield from counts.at_most(status, field, "replicas", detail)
    detail = "cannot be greater than readyReplicas"
    yield from counts.at_most(status, "availableReplicas", "readyReplicas", detail)
    yield from counts.not_decremented(status, old.get("status") or {}, "collisionCount")


def _spec(spec: Object) -> Errors:
    yield from report.not_negative("spec.replicas", spec.get("replicas"))
    yield from selecting.check(spec, "deployment")
    yield from templates.check_replicated(spec)
    yield from _strategy(spec.get("strategy") or {})
    for field in ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"):
        yield from report.not_negative(f"spec.{field}", spec.get(field))
    deadline, ready = spec.get("progressDeadlineSeconds"), spec.get("minReadySeconds")
    if deadline is not None and deadline <= (ready or 0):
        detail = "must be greater than minReadySeconds"
        yield invalid("spec.progressDeadlineSeconds", deadline, detail)


def _strategy(strategy: Object) -> Errors:
    bounds = strategy.get("rollingUpdate")
    match strategy.get("type"):
        case "Recreate":
            if bounds is not None:
                detail = "may not be specified when strategy `type` is 'Recreate'"
                yield forbidden_field(f"{_STRATEGY}.rollingUpdate", detail)
        case "RollingUpdate":
            if bounds is None:
                detail = "this should be defaulted and never be nil"
                yield required(f"{_STRATEGY}.rollingUpdate", detail)
            else:
                yield from _bounds(bounds)
        case _:
            yield unsupported(_STRATEGY, templates.go_names(strategy), _TYPES)


def _bounds(bounds: Object) -> Errors:
    path = f"{_STRATEGY}.rollingUpdate"
    missing: Any = bounds.get("maxUnavailable")
    surplus: Any = bounds.get("maxSurge")
    yield from amounts.check(f"{path}.maxUnavailable", missing)
    yield from amounts.check(f"{path}.maxSurge", surplus)
    if amounts.is_zero(missing) and amounts.is_zero(surplus):
        detail = "may not be 0 when `maxSurge` is 0"
        yield invalid(f"{path}.maxUnavailable", missing, detail)
    yield from amounts.check_at_most_all(f"{path}.maxUnavailable", missing)
