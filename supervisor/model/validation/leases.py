"""Leases.

Follows pkg/apis/coordination/validation/validation.go.
"""

from supervisor.model import names
from supervisor.model.errors import invalid
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors


def check(lease: Object) -> Errors:
    yield from metadata.check(
        lease["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from _spec(lease.get("spec") or {})


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _spec(new.get("spec") or {})


def _spec(spec: Object) -> Errors:
    duration = spec.get("leaseDurationSeconds")
    if duration is not None and duration <= 0:
        field = "spec.leaseDurationSeconds"
        yield invalid(field, duration, "must be greater than 0")
    transitions = spec.get("leaseTransitions")
    yield from report.not_negative("spec.leaseTransitions", transitions)
