"""Rules and defaults of a selector and the pod template beside it.

Follows ValidatePodTemplateSpecForReplicaSet of pkg/apis/apps/validation/validation.go
and ValidatePodTemplateSpecForRC of pkg/apis/core/validation/validation.go.
"""

from supervisor.kinds.pods import validation as pods
from supervisor.model.defaults.pods import complete_template
from supervisor.model.errors import forbidden_field, invalid, unsupported
from supervisor.model.meta import Object
from supervisor.model.selectors import LabelSelector
from supervisor.model.validation import metadata, podspec, report
from supervisor.model.validation.report import Errors

NO_MATCH = "`selector` does not match template `labels`"


def complete(obj: Object) -> None:
    """Fill in what `spec.template` leaves open; it is there even if it is empty."""
    spec = obj.setdefault("spec", {})
    complete_template(spec.setdefault("template", {}))


def take_labels(obj: Object) -> None:
    """The labels of the template are those of an object without any."""
    labels = template_labels(obj)
    if labels and not obj["metadata"].get("labels"):
        obj["metadata"]["labels"] = dict(labels)


def template_labels(obj: Object) -> dict[str, str]:
    template = (obj.get("spec") or {}).get("template") or {}
    return (template.get("metadata") or {}).get("labels") or {}


def check_always_running(
    template: Object, selector: LabelSelector, path: str, kind: str
) -> Errors:
    """Of pods that are replaced when they end, which `selector` has to match."""
    yield from check_selected(template, selector, path)
    yield from check(template, path)
    spec = template.get("spec") or {}
    policy = spec.get("restartPolicy") or ""
    if policy != "Always":
        yield unsupported(f"{path}.spec.restartPolicy", policy, ("Always",))
    if spec.get("activeDeadlineSeconds") is not None:
        detail = f"activeDeadlineSeconds in {kind} is not Supported"
        yield forbidden_field(f"{path}.spec.activeDeadlineSeconds", detail)


def check_selected(template: Object, selector: LabelSelector, path: str) -> Errors:
    labels = (template.get("metadata") or {}).get("labels")
    if selector and not selector.matches(labels):
        yield invalid(f"{path}.metadata.labels", labels, NO_MATCH)


def check(template: Object, path: str) -> Errors:
    """What is wrong with a template, whoever makes pods of it."""
    meta, spec = template.get("metadata") or {}, template.get("spec") or {}
    yield from report.labels(f"{path}.labels", meta.get("labels"))
    annotations = meta.get("annotations") or {}
    yield from metadata.annotations(f"{path}.annotations", annotations)
    yield from pods.check_annotations(annotations, f"{path}.annotations")
    yield from podspec.check(spec, f"{path}.spec", is_pod=False)
    if spec.get("ephemeralContainers"):
        detail = "ephemeral containers not allowed in pod template"
        yield forbidden_field(f"{path}.spec.ephemeralContainers", detail)
