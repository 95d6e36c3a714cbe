"""Validation of ReplicationControllers.

Follows ValidateReplicationControllerSpec and ValidatePodTemplateSpecForRC of
pkg/apis/core/validation/validation.go.
"""

from supervisor.kinds.workloads import counts, templates
from supervisor.model import names, selectors
from supervisor.model.errors import required
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors


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
    yield from counts.check_replicas(new.get("status") or {})


def _spec(spec: Object) -> Errors:
    yield from report.not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    if not spec.get("selector"):
        yield required("spec.selector")
    yield from report.not_negative("spec.replicas", spec.get("replicas"))
    if spec.get("template") is None:
        yield required("spec.template")
    else:
        selector = selectors.from_map(spec.get("selector"))
        yield from templates.check_always_running(
            spec["template"], selector, "spec.template", "ReplicationController"
        )
