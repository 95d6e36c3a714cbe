"""Rules and defaults of a selector and the pod template beside it.

Follows ValidatePodTemplateSpecForReplicaSet of pkg/apis/apps/validation/validation.go
and ValidatePodTemplateSpecForRC of pkg/apis/core/validation/validation.go.
"""

from supervisor.kinds.pods import validation as pods
from supervisor.kinds.workloads import selecting
from supervisor.model.defaults import keep_strict
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


def keep_marks(new: Object, old: Object) -> None:
    """A write that leaves out what the system has noted in the template keeps it."""
    before, after = ((o.get("spec") or {}).get("template") or {} for o in (old, new))
    keep_strict(after, before)


def check_replicated(spec: Object) -> Errors:
    """The template of a ReplicaSet, or of a Deployment, which makes ReplicaSets."""
    selector = selecting.usable(spec)
    if selector is None:
        yield invalid("spec.selector", spec["selector"], "invalid label selector")
        return
    template, path = spec.get("template") or {}, "spec.template"
    yield from check_always_running(template, selector, path, "ReplicaSet")


def check_always_running(
    template: Object, selector: LabelSelector, path: str, kind: str
) -> Errors:
    """Of pods that are replaced when they end, which `selector` has to match."""
    yield from check_selected(template, selector, path)
    yield from check(template, path)
    yield from check_lasting(template, path, kind)


def check_lasting(template: Object, path: str, kind: str) -> Errors:
    """Of pods that are replaced when they end."""
    spec = template.get("spec") or {}
    policy = spec.get("restartPolicy") or ""
    if policy != "Always":
        yield unsupported(f"{path}.spec.restartPolicy", policy, ("Always",))
    if spec.get("activeDeadlineSeconds") is not None:
        detail = f"activeDeadlineSeconds in {kind} is not Supported"
        yield forbidden_field(f"{path}.spec.activeDeadlineSeconds", detail)


def go_names(strategy: Object) -> Object:
    """A strategy with the names of upstream's own type, as its errors show it."""
    return {"Type": strategy.get("type") or "", "RollingUpdate": _go(strategy)}


def _go(strategy: Object) -> Object | None:
    bounds = strategy.get("rollingUpdate")
    if bounds is None:
        return None
    return {f"{name[0].upper()}{name[1:]}": value for name, value in bounds.items()}


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
