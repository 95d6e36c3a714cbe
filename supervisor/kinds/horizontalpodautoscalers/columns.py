"""The table of autoscalers.

Follows printHorizontalPodAutoscaler and formatHPAMetrics of
pkg/printers/internalversion/printers.go.
"""

from supervisor.kinds.columns import (
    AGE,
    NAME,
    NONE,
    UNKNOWN,
    Cell,
    Column,
    Printer,
    age_of,
    get,
    name_of,
)
from supervisor.kinds.horizontalpodautoscalers.validation import SOURCES
from supervisor.model.meta import Object

_SHOWN_METRICS = 2


def reference_of(autoscaler: Object) -> str:
    reference = get(autoscaler, "spec.scaleTargetRef", {})
    return f"{reference.get('kind', '')}/{reference.get('name', '')}"


def targets(autoscaler: Object) -> list[str]:
    """`cpu: <unknown>/80%`, for each metric."""
    found = get(autoscaler, "status.currentMetrics", ())
    metrics = get(autoscaler, "spec.metrics", ())
    return [
        _target(metric, found[place] if place < len(found) else {})
        for place, metric in enumerate(metrics)
    ]


def _target(metric: Object, status: Object) -> str:
    member = SOURCES.get(str(metric.get("type")), "")
    source = metric.get(member) or {}
    wanted, now = source.get("target") or {}, get(status, f"{member}.current", {})
    head = f"{source.get('name', '')}: " if "esource" in member else ""
    if wanted.get("averageUtilization") is not None:
        percent = now.get("averageUtilization")
        shown = UNKNOWN if percent is None else f"{percent}%"
        return f"{head}{shown}/{wanted['averageUtilization']}%"
    if wanted.get("averageValue") is not None:
        average = " (avg)" if member in ("object", "external") else ""
        shown = now.get("averageValue", UNKNOWN)
        return f"{head}{shown}/{wanted['averageValue']}{average}"
    return f"{head}{now.get('value', UNKNOWN)}/{wanted.get('value', '<auto>')}"


def _cells(autoscaler: Object, now: float) -> list[Cell]:
    shown = targets(autoscaler)
    text = ", ".join(shown[:_SHOWN_METRICS]) or NONE
    if len(shown) > _SHOWN_METRICS:
        text += f" + {len(shown) - _SHOWN_METRICS} more..."
    return [
        name_of(autoscaler),
        reference_of(autoscaler),
        text,
        str(get(autoscaler, "spec.minReplicas", "<unset>")),
        get(autoscaler, "spec.maxReplicas", 0),
        get(autoscaler, "status.currentReplicas", 0),
        age_of(autoscaler, now),
    ]


PRINTER = Printer(
    (
        NAME,
        Column("Reference", "What is scaled."),
        Column("Targets", "What the metrics are, and what they are to be."),
        Column("MinPods", "The least number of replicas."),
        Column("MaxPods", "The most."),
        Column("Replicas", "How many there are."),
        AGE,
    ),
    _cells,
)
