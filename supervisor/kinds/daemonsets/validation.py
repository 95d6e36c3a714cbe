"""What a DaemonSet may be.

Follows ValidateDaemonSetSpec and validateDaemonSetStatus of
pkg/apis/apps/validation/validation.go.
"""

from supervisor.kinds.workloads import amounts, counts, selecting, templates
from supervisor.model import names
from supervisor.model.errors import invalid, required, unsupported
from supervisor.model.meta import Object
from supervisor.model.validation import label_selectors, metadata, report
from supervisor.model.validation.report import Errors

_TYPES = ("RollingUpdate", "OnDelete")


def check(daemon_set: Object) -> Errors:
    yield from metadata.check(
        daemon_set["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from _spec(daemon_set.get("spec") or {})


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _spec(new.get("spec") or {})
    yield from selecting.check_update(new, old)


def check_status(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    status = new.get("status") or {}
    yield from counts.not_negative(
        status,
        "currentNumberScheduled",
        "numberMisscheduled",
        "desiredNumberScheduled",
        "numberReady",
        "observedGeneration",
        "updatedNumberScheduled",
        "numberAvailable",
        "numberUnavailable",
        "collisionCount",
    )
    yield from counts.not_decremented(status, old.get("status") or {}, "collisionCount")


def _spec(spec: Object) -> Errors:
    given, template = spec.get("selector"), spec.get("template") or {}
    yield from label_selectors.check(given, "spec.selector")
    selector = selecting.usable(spec)
    if selector is not None:
        yield from templates.check_selected(template, selector, "spec.template")
    yield from selecting.check_not_empty(given, "daemonset")
    yield from templates.check(template, "spec.template")
    yield from templates.check_lasting(template, "spec.template", "DaemonSet")
    for field in ("minReadySeconds", "revisionHistoryLimit"):
        yield from report.not_negative(f"spec.{field}", spec.get(field))
    yield from _strategy(spec.get("updateStrategy") or {}, "spec.updateStrategy")


def _strategy(strategy: Object, path: str) -> Errors:
    kind, bounds = strategy.get("type") or "", strategy.get("rollingUpdate")
    if kind not in _TYPES:
        yield unsupported(path, templates.go_names(strategy), _TYPES)
    if kind != "RollingUpdate":
        return
    if bounds is None:
        yield required(f"{path}.rollingUpdate")
        return
    missing, surplus = bounds.get("maxUnavailable"), bounds.get("maxSurge")
    for field in ("maxUnavailable", "maxSurge"):
        yield from amounts.check(f"{path}.rollingUpdate.{field}", bounds.get(field))
        yield from amounts.check_at_most_all(
            f"{path}.rollingUpdate.{field}", bounds.get(field)
        )
    if not amounts.is_zero(missing) and not amounts.is_zero(surplus):
        detail = "may not be set when maxUnavailable is non-zero"
        yield invalid(f"{path}.rollingUpdate.maxSurge", surplus, detail)
    if amounts.is_zero(missing) and amounts.is_zero(surplus):
        detail = "cannot be 0 when maxSurge is 0"
        yield required(f"{path}.rollingUpdate.maxUnavailable", detail)
