"""Older versions of autoscalers.

Follows pkg/apis/autoscaling/v1/conversion.go.

Differs from Kubernetes: the annotations that keep what autoscaling/v1 has no field for
hold it as autoscaling/v2 writes it.
"""

from typing import Any

import msgspec

from supervisor.kinds.base import OldVersion, no_change
from supervisor.kinds.workloads.versions import same_fields
from supervisor.model.meta import Object

_METRICS = "autoscaling.alpha.kubernetes.io/metrics"
_CURRENT = "autoscaling.alpha.kubernetes.io/current-metrics"
_BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior"
_CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions"
_PERCENT = "targetCPUUtilizationPercentage"
_KEPT = (
    (_METRICS, "spec", "metrics"),
    (_BEHAVIOR, "spec", "behavior"),
    (_CURRENT, "status", "currentMetrics"),
    (_CONDITIONS, "status", "conditions"),
)


def _from_v1(autoscaler: Object) -> None:
    spec, status = autoscaler.setdefault("spec", {}), autoscaler.get("status") or {}
    percent = spec.pop(_PERCENT, None)
    status.pop("currentCPUUtilizationPercentage", None)
    annotations = dict((autoscaler.get("metadata") or {}).get("annotations") or {})
    for annotation, part, field in _KEPT:
        found = _decoded(annotations.pop(annotation, None))
        if found is not None and autoscaler.get(part) is not None:
            autoscaler[part][field] = found
    _put(autoscaler, annotations)
    if percent is not None:
        spec["metrics"] = [*(spec.get("metrics") or []), _cpu(percent)]


def _to_v1(autoscaler: Object) -> None:
    spec, status = autoscaler.get("spec") or {}, autoscaler.get("status") or {}
    metrics = spec.get("metrics") or []
    percents = [p for metric in metrics if (p := _percent(metric)) is not None]
    if percents:
        spec[_PERCENT] = percents[0]
    spec["metrics"] = [metric for metric in metrics if _percent(metric) is None]
    annotations = dict((autoscaler.get("metadata") or {}).get("annotations") or {})
    for annotation, part, field in _KEPT:
        found = (spec if part == "spec" else status).pop(field, None)
        if found:
            annotations[annotation] = msgspec.json.encode(found).decode()
    _put(autoscaler, annotations)


def _put(autoscaler: Object, annotations: Object) -> None:
    meta = autoscaler.setdefault("metadata", {})
    if annotations or "annotations" in meta:
        meta["annotations"] = annotations
    if not annotations:
        meta.pop("annotations", None)


def _decoded(text: str | None) -> Any:
    try:
        return None if text is None else msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None


def _cpu(percent: int) -> Object:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def _percent(metric: Object) -> int | None:
    resource = metric.get("resource") or {}
    if metric.get("type") != "Resource" or resource.get("name") != "cpu":
        return None
    percent: int | None = (resource.get("target") or {}).get("averageUtilization")
    return percent


VERSIONS = (
    OldVersion(
        group="autoscaling",
        version="v1",
        schema="",
        complete=no_change,
        to_stored=_from_v1,
        from_stored=_to_v1,
    ),
    same_fields("autoscaling", "v2beta2"),
)
