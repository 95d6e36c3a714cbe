"""Validation of ReplicationControllers.

Follows ValidateReplicationControllerSpec and ValidatePodTemplateSpecForRC of
pkg/apis/core/validation/validation.go.
"""

from supervisor.kinds.pods import validation as pods
from supervisor.model import names, selectors
from supervisor.model.errors import (
    forbidden_field,
    invalid,
    required,
    unsupported,
)
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, podspec, report
from supervisor.model.validation.report import Errors

_COUNTS = (
    "replicas",
    "fullyLabeledReplicas",
    "readyReplicas",
    "availableReplicas",
    "observedGeneration",
)


def check(rc: Object) -> Errors:
    yield from metadata.check(
        rc["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from _spec(rc.get("spec") or {})


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _spec(new.get("spec") or {})


def check_status_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    status = new.get("status") or {}
    for field in _COUNTS:
        yield from report.not_negative(f"status.{field}", status.get(field))
    total, ready = status.get("replicas") or 0, status.get("readyReplicas") or 0
    for field in ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"):
        count = status.get(field) or 0
        if count > total:
            detail = "cannot be greater than status.replicas"
            yield invalid(f"status.{field}", count, detail)
    available = status.get("availableReplicas") or 0
    if available > ready:
        detail = "cannot be greater than readyReplicas"
        yield invalid("status.availableReplicas", available, detail)


def _spec(spec: Object) -> Errors:
    yield from report.not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    if not spec.get("selector"):
        yield required("spec.selector")
    yield from report.not_negative("spec.replicas", spec.get("replicas"))
    if spec.get("template") is None:
        yield required("spec.template")
    else:
        yield from _template(spec["template"], spec.get("selector"))


def _template(template: Object, selector: dict[str, str] | None) -> Errors:
    meta, spec = template.get("metadata") or {}, template.get("spec") or {}
    path = "spec.template"
    if not selectors.from_map(selector).matches(meta.get("labels")):
        detail = "`selector` does not match template `labels`"
        yield invalid(f"{path}.metadata.labels", meta.get("labels"), detail)
    yield from report.labels(f"{path}.labels", meta.get("labels"))
    annotations = meta.get("annotations") or {}
    yield from metadata.annotations(f"{path}.annotations", annotations)
    yield from pods.check_annotations(annotations, f"{path}.annotations")
    yield from podspec.check(spec, f"{path}.spec", is_pod=False)
    if spec.get("ephemeralContainers"):
        detail = "ephemeral containers not allowed in pod template"
        yield forbidden_field(f"{path}.spec.ephemeralContainers", detail)
    policy = spec.get("restartPolicy") or ""
    if policy != "Always":
        yield unsupported(f"{path}.spec.restartPolicy", policy, ("Always",))
    if spec.get("activeDeadlineSeconds") is not None:
        detail = "activeDeadlineSeconds in ReplicationController is not Supported"
        yield forbidden_field(f"{path}.spec.activeDeadlineSeconds", detail)
