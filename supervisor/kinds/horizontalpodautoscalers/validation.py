"""What an autoscaler may be.

Follows validateHorizontalPodAutoscalerSpec and validateMetricSpec of
pkg/apis/autoscaling/validation/validation.go.
"""

from supervisor.model import names, quantities
from supervisor.model.errors import forbidden_field, invalid, required, unsupported
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors

SOURCES = {
    "ContainerResource": "containerResource",
    "External": "external",
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
}
_TARGETS = ("Utilization", "Value", "AverageValue")


def check(autoscaler: Object) -> Errors:
    yield from metadata.check(
        autoscaler["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from _spec(autoscaler.get("spec") or {})


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _spec(new.get("spec") or {})


def _spec(spec: Object) -> Errors:
    least, most = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    if least is not None and least < 1:
        yield invalid("spec.minReplicas", least, "must be greater than or equal to 1")
    if most == 0:
        yield required("spec.maxReplicas", "must be set and greater than 0")
    elif most < 0:
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to 1")
    if least is not None and most < least:
        detail = "must be greater than or equal to `minReplicas`"
        yield invalid("spec.maxReplicas", most, detail)
    yield from _reference(spec.get("scaleTargetRef") or {}, "spec.scaleTargetRef")
    for place, metric in enumerate(spec.get("metrics") or []):
        yield from _metric(metric, f"spec.metrics[{place}]")


def _reference(reference: Object, path: str) -> Errors:
    for part in ("kind", "name"):
        value = reference.get(part)
        yield from report.named(f"{path}.{part}", value, names.path_segment)


def _metric(metric: Object, path: str) -> Errors:
    kind = metric.get("type") or ""
    if not kind:
        yield required(f"{path}.type", "must specify a metric source type")
    if kind not in SOURCES:
        yield unsupported(f"{path}.type", kind, tuple(SOURCES))
        return
    source = SOURCES[kind]
    if metric.get(source) is None:
        detail = "must populate information for the given metric source"
        yield required(f"{path}.{source}", detail)
    else:
        yield from _target(
            metric[source].get("target") or {}, f"{path}.{source}.target"
        )
    for other in SOURCES.values():
        if other != source and metric.get(other) is not None:
            detail = "must populate the given metric source only"
            yield forbidden_field(f"{path}.{other}", detail)


def _target(target: Object, path: str) -> Errors:
    kind = target.get("type") or ""
    if not kind:
        yield required(f"{path}.type", "must specify a metric target type")
    if kind not in _TARGETS:
        detail = "must be either Utilization, Value, or AverageValue"
        yield invalid(f"{path}.type", kind, detail)
    for field in ("value", "averageValue"):
        given = target.get(field)
        if given is not None and not _is_positive(given):
            yield invalid(f"{path}.{field}", given, "must be positive")
    percent = target.get("averageUtilization")
    if percent is not None and percent < 1:
        yield invalid(f"{path}.averageUtilization", percent, "must be greater than 0")


def _is_positive(text: quantities.Text) -> bool:
    try:
        return quantities.parse(text).amount > 0
    except ValueError:
        return False
