"""The selector of a Job: labels with its own name and uid, unless it is manual.

Follows generateSelector of pkg/registry/batch/job/strategy.go, and
validateGeneratedSelector of pkg/apis/batch/validation/validation.go.
"""

from supervisor.kinds.base import Admission
from supervisor.kinds.workloads import selecting
from supervisor.model.errors import invalid, required
from supervisor.model.meta import Object
from supervisor.model.validation.report import Errors

JOB_NAME = "batch.kubernetes.io/job-name"
CONTROLLER_UID = "batch.kubernetes.io/controller-uid"
_OLD_JOB_NAME = "job-name"
_OLD_CONTROLLER_UID = "controller-uid"
_LABELS = "spec.template.metadata.labels"


def generate(job: Object, _admission: Admission) -> None:
    """Label the template of a new Job, and select its pods by that."""
    meta, spec = job["metadata"], job["spec"]
    if spec.get("manualSelector"):
        return
    template = spec["template"].setdefault("metadata", {})
    written = template.get("labels") or {}
    template["labels"] = _generated(meta) | written
    # A Job without labels has those of its template, with what is generated.
    if not meta.get("labels") or meta["labels"] == written:
        meta["labels"] = dict(template["labels"])
    selector = spec.setdefault("selector", {})
    uid = {CONTROLLER_UID: str(meta.get("uid", ""))}
    selector["matchLabels"] = uid | (selector.get("matchLabels") or {})


def check(job: Object, *, prefixed: bool = True) -> Errors:
    """`prefixed`: the labels of newer versions have to be there, too."""
    spec, meta = job.get("spec") or {}, job["metadata"]
    if spec.get("manualSelector") or spec.get("selector") is None:
        return
    if not meta.get("uid"):
        yield required("metadata.uid")
    template = (spec.get("template") or {}).get("metadata") or {}
    labels = template.get("labels") or {}
    expected = _generated(meta)
    if not prefixed:
        del expected[CONTROLLER_UID], expected[JOB_NAME]
    for key, value in expected.items():
        if key not in labels:
            yield required(f"{_LABELS}[{key}]", f"must be '{value}'")
        elif labels[key] != value:
            yield invalid(f"{_LABELS}[{key}]", labels, f"must be '{value}'")
    selector = selecting.usable(spec)
    if selector is not None and not selector.matches(expected):
        yield invalid(
            "spec.selector", spec["selector"], "`selector` not auto-generated"
        )


def _generated(meta: Object) -> dict[str, str]:
    uid, name = str(meta.get("uid", "")), str(meta.get("name", ""))
    return {
        _OLD_CONTROLLER_UID: uid,
        _OLD_JOB_NAME: name,
        CONTROLLER_UID: uid,
        JOB_NAME: name,
    }
