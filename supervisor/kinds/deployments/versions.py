"""Older versions of Deployments, each with defaults of its own.

Follows pkg/apis/{apps,extensions}/v1beta1/defaults.go of Kubernetes 1.15.
"""

from supervisor.kinds.workloads.versions import from_template, same_fields
from supervisor.model.meta import Object

_ALL = 2**31 - 1
"""Stands for no limit."""


def _of_apps_v1beta1(deployment: Object) -> None:
    deployment["spec"].setdefault("revisionHistoryLimit", 2)


def _of_extensions(deployment: Object) -> None:
    spec = deployment["spec"]
    strategy = spec.setdefault("strategy", {})
    if (strategy.get("type") or "RollingUpdate") == "RollingUpdate":
        bounds = strategy.setdefault("rollingUpdate", {})
        bounds.setdefault("maxUnavailable", 1)
        bounds.setdefault("maxSurge", 1)
    spec.setdefault("revisionHistoryLimit", _ALL)
    spec.setdefault("progressDeadlineSeconds", _ALL)


VERSIONS = (
    same_fields("apps", "v1beta2"),
    same_fields("apps", "v1beta1", from_template(_of_apps_v1beta1)),
    same_fields("extensions", "v1beta1", from_template(_of_extensions)),
)
