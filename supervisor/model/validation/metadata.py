"""The metadata of every object: names, labels, owners, and what never changes.

Follows apimachinery/pkg/api/validation/objectmeta.go.
"""

from collections.abc import Callable, Mapping

from supervisor.model import names
from supervisor.model.equality import same
from supervisor.model.errors import (
    FieldError,
    forbidden_field,
    invalid,
    quoted,
    required,
    too_long,
)
from supervisor.model.finalizers import FOREGROUND, ORPHAN, STANDARD
from supervisor.model.meta import Object
from supervisor.model.validation import report
from supervisor.model.validation.report import Errors

NameCheck = Callable[[str], list[str]]

_MAX_ANNOTATION_BYTES = 256 * 1024
_NEVER_CHANGES = (
    "name",
    "namespace",
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
)


def check(meta: Object, *, namespaced: bool, name_check: NameCheck) -> Errors:
    """What is wrong with the metadata of a new object."""
    generate_name = meta.get("generateName") or ""
    if generate_name:
        # A dash at the end of a prefix will be followed by something.
        stem = f"{generate_name[:-1]}a" if generate_name[-1] == "-" else generate_name
        yield from report.each("metadata.generateName", generate_name, name_check(stem))
    name = meta.get("name") or ""
    if not name:
        yield required("metadata.name", "name or generateName is required")
    else:
        yield from report.each("metadata.name", name, name_check(name))
    yield from _namespace(meta.get("namespace") or "", namespaced)
    yield from report.not_negative("metadata.generation", meta.get("generation"))
    yield from _changeable(meta)


def check_update(new: Object, old: Object) -> Errors:
    """What is wrong with a change of metadata."""
    if old.get("deletionTimestamp"):
        before = set(old.get("finalizers") or [])
        added = sorted(set(new.get("finalizers") or []) - before)
        if added:
            listed = ", ".join(quoted(name) for name in added)
            yield forbidden_field(
                "metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, "
                f"found new finalizers []string{{{listed}}}",
            )
    if int(new.get("generation") or 0) < int(old.get("generation") or 0):
        given = new.get("generation") or 0
        yield invalid("metadata.generation", given, "must not be decremented")
    for field in _NEVER_CHANGES:
        if not same(new.get(field), old.get(field)):
            path = f"metadata.{field}"
            yield invalid(path, new.get(field), report.IMMUTABLE)
    yield from _changeable(new)


def annotations(field: str, given: Mapping[str, str] | None) -> Errors:
    total = 0
    for key, value in (given or {}).items():
        yield from report.each(field, key, names.qualified(key.lower()))
        total += len(key.encode()) + len(value.encode())
    if total > _MAX_ANNOTATION_BYTES:
        yield too_long(field, _MAX_ANNOTATION_BYTES)


def _namespace(namespace: str, namespaced: bool) -> Errors:
    field = "metadata.namespace"
    if namespaced:
        yield from report.named(field, namespace, names.dns_label)
    elif namespace:
        yield forbidden_field(field, "not allowed on this type")


def _changeable(meta: Object) -> Errors:
    yield from report.labels("metadata.labels", meta.get("labels"))
    yield from annotations("metadata.annotations", meta.get("annotations"))
    yield from _owner_references(meta.get("ownerReferences") or [])
    yield from _finalizers(meta.get("finalizers") or [])


def _owner_references(references: list[Object]) -> Errors:
    field = "metadata.ownerReferences"
    first_controller = ""
    for reference in references:
        yield from _owner_reference(field, reference)
        if not reference.get("controller"):
            continue
        controller = f"{reference.get('kind')}/{reference.get('name')}"
        if first_controller:
            detail = (
                "Only one reference can have Controller set to true. Found "
                f'"true" in references for {first_controller} and {controller}'
            )
            yield invalid(field, references, detail)
        first_controller = first_controller or controller


def _owner_reference(field: str, reference: Object) -> Errors:
    version = (reference.get("apiVersion") or "").rpartition("/")[2]
    if not version:
        given = reference.get("apiVersion") or ""
        yield invalid(f"{field}.apiVersion", given, "version must not be empty")
    for part in ("kind", "name", "uid"):
        if not reference.get(part):
            yield invalid(f"{field}.{part}", "", "must not be empty")
    if (reference.get("apiVersion"), reference.get("kind")) == ("v1", "Event"):
        detail = "/v1, Kind=Event is disallowed from being an owner"
        yield invalid(field, reference, detail)


def _finalizers(finalizers: list[str]) -> Errors:
    field = "metadata.finalizers"
    for place, finalizer in enumerate(finalizers):
        yield from report.each(field, finalizer, names.qualified(finalizer))
        if "/" not in finalizer and finalizer not in STANDARD:
            detail = (
                "name is neither a standard finalizer name nor is it fully qualified"
            )
            yield invalid(f"{field}[{place}]", finalizer, detail)
    if ORPHAN in finalizers and FOREGROUND in finalizers:
        detail = f"finalizer {ORPHAN} and {FOREGROUND} cannot be both set"
        yield invalid(field, finalizers, detail)


def immutable_fields(new: Object, old: Object, *fields: str) -> list[FieldError]:
    """Errors of top-level fields that differ though they may not."""
    return [
        invalid(field, new.get(field), report.IMMUTABLE)
        for field in fields
        if not same(new.get(field), old.get(field))
    ]
