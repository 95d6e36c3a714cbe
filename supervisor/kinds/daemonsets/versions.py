"""Older versions of DaemonSets, and the number of the template that they show.

Follows pkg/apis/extensions/v1beta1/defaults.go and pkg/apis/apps/v1/conversion.go of
Kubernetes 1.15, and pkg/registry/apps/daemonset/strategy.go.
"""

from supervisor.kinds.base import Admission
from supervisor.kinds.workloads.versions import (
    annotate,
    from_template,
    number_in,
    same_fields,
    take_annotation,
)
from supervisor.model.equality import same
from supervisor.model.meta import Object

GENERATION = "deprecated.daemonset.template.generation"
"""Annotation with what the field `spec.templateGeneration` was."""


def begin_generation(daemon_set: Object, _admission: Admission) -> None:
    annotate(daemon_set, GENERATION, max(_generation(daemon_set), 1))


def count_generation(new: Object, old: Object) -> None:
    """Only the system counts: by one for each change of the template."""
    before, after = ((obj.get("spec") or {}).get("template") for obj in (old, new))
    changed = not same(before, after)
    annotate(new, GENERATION, max(_generation(old), 1) + changed)


def _generation(daemon_set: Object) -> int:
    annotations = (daemon_set.get("metadata") or {}).get("annotations") or {}
    return number_in(annotations.get(GENERATION, "")) or 0


def _of_extensions(daemon_set: Object) -> None:
    strategy = daemon_set["spec"].setdefault("updateStrategy", {})
    strategy["type"] = strategy.get("type") or "OnDelete"


def _keep_generation(daemon_set: Object) -> None:
    given = daemon_set.get("spec", {}).pop("templateGeneration", None)
    annotate(daemon_set, GENERATION, given)


def _show_generation(daemon_set: Object) -> None:
    found = take_annotation(daemon_set, GENERATION)
    if found:
        daemon_set.setdefault("spec", {})["templateGeneration"] = found


VERSIONS = (
    same_fields("apps", "v1beta2"),
    same_fields(
        "extensions",
        "v1beta1",
        from_template(_of_extensions),
        to_stored=_keep_generation,
        from_stored=_show_generation,
    ),
)
