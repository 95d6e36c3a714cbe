"""The pod that a Job makes.

Follows pkg/controller/job/job_controller.go and indexed_job_utils.go.
"""

from typing import Any

from supervisor.controllers.workloads.jobs.index_failures import (
    FAILURES,
    IGNORED,
    Failures,
)
from supervisor.controllers.workloads.jobs.pods import INDEX, TRACKING
from supervisor.controllers.workloads.pod_control import pod_from_template
from supervisor.model.meta import Object

_ENVIRONMENT = "JOB_COMPLETION_INDEX"
_MAX_NAME = 63 - 6


def pod_of(job: Object, index: int | None, failures: Failures | None = None) -> Object:
    """A pod from the Job's template; `index` is its completion index, if it has one.

    `failures` are those of the index; None without a backoffLimitPerIndex.
    """
    pod = pod_from_template(job)
    meta = pod["metadata"]
    meta["finalizers"] = [*(meta.get("finalizers") or []), TRACKING]
    if index is not None:
        notes = {INDEX: str(index)}
        if failures is not None:
            notes[FAILURES] = str(failures.counted)
            if failures.ignored:
                notes[IGNORED] = str(failures.ignored)
        meta["annotations"] = (meta.get("annotations") or {}) | notes
        meta["labels"] = (meta.get("labels") or {}) | {INDEX: str(index)}
        name = f"{job['metadata']['name']}-{index}"
        meta["generateName"] = f"{name[:_MAX_NAME]}-"
        spec = pod["spec"]
        spec.setdefault("hostname", name)
        for row in ("initContainers", "containers"):
            for container in spec.get(row) or []:
                _tell_index(container)
    return pod


def _tell_index(container: dict[str, Any]) -> None:
    given = container.get("env") or []
    if any(each.get("name") == _ENVIRONMENT for each in given):
        return
    source = {"fieldRef": {"fieldPath": f"metadata.annotations['{INDEX}']"}}
    container["env"] = [*given, {"name": _ENVIRONMENT, "valueFrom": source}]
