"""Older versions of kinds with a pod template: the fields are the same, defaults not.

Follows pkg/apis/{apps,extensions}/v1beta*/defaults.go of the releases that had them.
"""

from collections.abc import Callable

from supervisor.kinds.base import Change, OldVersion, no_change
from supervisor.kinds.workloads import selecting, templates
from supervisor.model.meta import Object


def same_fields(group: str, version: str, complete: Change = no_change) -> OldVersion:
    """A version that differs from the stored one in its defaults alone."""
    return OldVersion(
        group=group,
        version=version,
        schema="",
        complete=complete,
        to_stored=_drop_forgotten,
        from_stored=no_change,
    )


def from_template(*more: Change) -> Callable[[Object], None]:
    """Defaults of versions that take selector and labels from the template."""

    def complete(obj: Object) -> None:
        obj.setdefault("metadata", {})
        selecting.take_labels(obj, templates.template_labels(obj))
        templates.take_labels(obj)
        for change in more:
            change(obj)

    return complete


def _drop_forgotten(obj: Object) -> None:
    """Fields that only the old version has, and that nothing acts upon any more."""
    spec = obj.get("spec") or {}
    for field in ("rollbackTo", "templateGeneration"):
        spec.pop(field, None)
