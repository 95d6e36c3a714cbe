"""Validation of Events, which must be in the namespace of their object.

Follows pkg/apis/core/validation/events.go.
"""

from supervisor.model import names
from supervisor.model.errors import invalid, required
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors

_MAX_MESSAGE_LENGTH = 1024
_MAX_FIELD_LENGTH = 128


def check(event: Object) -> Errors:
    yield from metadata.check(
        event["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from _event(event)


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _event(new)


def _event(event: Object) -> Errors:
    event_namespace = event["metadata"].get("namespace") or ""
    object_namespace = (event.get("involvedObject") or {}).get("namespace") or ""
    has_event_time = bool(event.get("eventTime"))
    if object_namespace:
        matches = has_event_time or event_namespace == object_namespace
    else:
        # Events about cluster-scoped objects are in the namespace default.
        matches = event_namespace == "default" or (
            has_event_time and event_namespace == "kube-system"
        )
    if not matches:
        field = "involvedObject.namespace"
        yield invalid(field, object_namespace, "does not match event.namespace")
    if has_event_time:
        yield from _reporter(event)


def _reporter(event: Object) -> Errors:
    """Events with `eventTime` must also have reporter, action and reason."""
    component = event.get("reportingComponent")
    yield from report.named("reportingController", component, names.qualified)
    for field in ("reportingInstance", "action", "reason"):
        text = event.get(field) or ""
        if not text:
            yield required(field)
        elif len(text) > _MAX_FIELD_LENGTH:
            yield invalid(field, "", f"can have at most {_MAX_FIELD_LENGTH} characters")
    if len(event.get("message") or "") > _MAX_MESSAGE_LENGTH:
        detail = f"can have at most {_MAX_MESSAGE_LENGTH} characters"
        yield invalid("message", "", detail)
