"""Validation of Namespaces.

Follows ValidateNamespace, ValidateNamespaceUpdate and ValidateNamespaceStatusUpdate of
pkg/apis/core/validation/validation.go.
"""

from supervisor.model import names
from supervisor.model.errors import invalid
from supervisor.model.finalizers import STANDARD
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors


def check(namespace: Object) -> Errors:
    yield from metadata.check(
        namespace["metadata"], namespaced=False, name_check=names.dns_label
    )
    for finalizer in (namespace.get("spec") or {}).get("finalizers") or []:
        field = "spec.finalizers"
        yield from report.each(field, finalizer, names.qualified(finalizer))
        if "/" not in finalizer and finalizer not in STANDARD:
            detail = (
                "name is neither a standard finalizer name nor is it fully qualified"
            )
            yield invalid(field, finalizer, detail)


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])


def check_status_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    phase = (new.get("status") or {}).get("phase") or ""
    terminating = bool(new["metadata"].get("deletionTimestamp"))
    if terminating and phase != "Terminating":
        detail = "may only be 'Terminating' if `deletionTimestamp` is not empty"
        yield invalid("status.Phase", phase, detail)
    if not terminating and phase != "Active":
        detail = "may only be 'Active' if `deletionTimestamp` is empty"
        yield invalid("status.Phase", phase, detail)
