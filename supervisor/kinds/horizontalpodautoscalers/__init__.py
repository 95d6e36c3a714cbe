"""HorizontalPodAutoscaler: how many replicas something has, by metrics. Only stored.

Follows pkg/apis/autoscaling/v2/defaults.go and
pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go.

Differs from Kubernetes: nothing acts upon it, which a warning says.
"""

from copy import deepcopy
from dataclasses import replace

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    NO_FIELDS,
    SEPARATE_STATUS,
    Kind,
    Rules,
)
from supervisor.kinds.horizontalpodautoscalers import columns, validation, versions
from supervisor.kinds.horizontalpodautoscalers.description import describe
from supervisor.kinds.identity import HORIZONTAL_POD_AUTOSCALER
from supervisor.kinds.parts import (
    DATA_WRITES,
    check_metadata_update,
    status_subresource,
)
from supervisor.model.meta import Object

_DEFAULT_METRIC: Object = {
    "type": "Resource",
    "resource": {
        "name": "cpu",
        "target": {"type": "Utilization", "averageUtilization": 80},
    },
}
_FAST = {"type": "Percent", "value": 100, "periodSeconds": 15}
_FOUR = {"type": "Pods", "value": 4, "periodSeconds": 15}
_UP: Object = {
    "stabilizationWindowSeconds": 0,
    "selectPolicy": "Max",
    "policies": [_FOUR, _FAST],
}
_DOWN: Object = {"selectPolicy": "Max", "policies": [_FAST]}


def complete(autoscaler: Object) -> None:
    spec = autoscaler.setdefault("spec", {})
    spec.setdefault("minReplicas", 1)
    if not spec.get("metrics"):
        spec["metrics"] = [deepcopy(_DEFAULT_METRIC)]
    behavior = spec.get("behavior")
    if behavior is not None:
        behavior["scaleUp"] = deepcopy(_UP) | (behavior.get("scaleUp") or {})
        behavior["scaleDown"] = deepcopy(_DOWN) | (behavior.get("scaleDown") or {})


def warnings(_autoscaler: Object) -> list[str]:
    return ["HorizontalPodAutoscalers are stored, but do not act yet"]


KIND = Kind(
    identity=HORIZONTAL_POD_AUTOSCALER,
    short_names=("hpa",),
    categories=("all",),
    verbs=ALL_VERBS,
    subresources=(status_subresource(HORIZONTAL_POD_AUTOSCALER),),
    value_type=None,
    schema="",
    writes=replace(DATA_WRITES, complete=complete, status=SEPARATE_STATUS),
    rules=Rules(
        create=validation.check,
        update=validation.check_update,
        status=check_metadata_update,
        warnings=warnings,
        ignored=ignored.nothing,
    ),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=columns.PRINTER,
    describe=describe,
    versions=versions.VERSIONS,
)
