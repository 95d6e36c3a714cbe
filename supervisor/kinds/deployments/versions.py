"""Older versions of Deployments, each with defaults of its own.

Follows pkg/apis/{apps,extensions}/v1beta1/defaults.go of Kubernetes 1.15.
"""

from supervisor.kinds.workloads.versions import (
    annotate,
    from_template,
    same_fields,
    take_annotation,
)
from supervisor.model.meta import Object

_ALL = 2**31 - 1
"""Stands for no limit."""


ROLLBACK = "deprecated.deployment.rollback.to"
"""Annotation of a Deployment in versions that have no field `spec.rollbackTo`."""


def warnings(deployment: Object) -> list[str]:
    annotations = (deployment.get("metadata") or {}).get("annotations") or {}
    if ROLLBACK not in annotations:
        return []
    return ["spec.rollbackTo: not supported, ignored; use kubectl rollout undo"]


def _keep_rollback(deployment: Object) -> None:
    wanted = deployment.get("spec", {}).pop("rollbackTo", None)
    revision = None if wanted is None else int(wanted.get("revision") or 0)
    annotate(deployment, ROLLBACK, revision)


def _show_rollback(deployment: Object) -> None:
    revision = take_annotation(deployment, ROLLBACK)
    if revision is not None:
        shown = {"revision": revision} if revision else {}
        deployment.setdefault("spec", {})["rollbackTo"] = shown


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
    same_fields(
        "apps",
        "v1beta1",
        from_template(_of_apps_v1beta1),
        to_stored=_keep_rollback,
        from_stored=_show_rollback,
    ),
    same_fields(
        "extensions",
        "v1beta1",
        from_template(_of_extensions),
        to_stored=_keep_rollback,
        from_stored=_show_rollback,
    ),
)
