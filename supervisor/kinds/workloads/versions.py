"""Older versions of kinds with a pod template: almost the same fields, other defaults.

A field that only an older version has is kept in an annotation of the stored object, as
upstream's newer versions show it.

Follows pkg/apis/{apps,extensions}/v1beta*/defaults.go of the releases that had them.
"""

import re
from collections.abc import Callable

from supervisor.kinds.base import Change, OldVersion, no_change
from supervisor.kinds.workloads import selecting, templates
from supervisor.model.meta import Object


def same_fields(
    group: str,
    version: str,
    complete: Change = no_change,
    *,
    to_stored: Change = no_change,
    from_stored: Change = no_change,
) -> OldVersion:
    """A version that has the fields of the stored one, but for what is converted."""
    return OldVersion(
        group=group,
        version=version,
        schema="",
        complete=complete,
        to_stored=to_stored,
        from_stored=from_stored,
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


def annotate(obj: Object, annotation: str, value: int | None) -> None:
    """Keep the number that an older version had in a field, if it had one."""
    meta = obj.setdefault("metadata", {})
    others = dict(meta.get("annotations") or {})
    others.pop(annotation, None)
    if value is not None:
        others[annotation] = str(value)
    if others or "annotations" in meta:
        meta["annotations"] = others


def take_annotation(obj: Object, annotation: str) -> int | None:
    """Remove the annotation from `obj`; its number, if it is one."""
    meta = obj["metadata"]
    others = dict(meta.get("annotations") or {})
    text = others.pop(annotation, "")
    if "annotations" in meta:
        meta["annotations"] = others
        if not others:
            del meta["annotations"]
    return number_in(text)


def number_in(text: str) -> int | None:
    return int(text) if re.fullmatch("-?[0-9]{1,18}", text) else None
