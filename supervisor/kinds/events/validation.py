"""Events: they live where the object lives that they are about.

Follows pkg/apis/core/validation/events.go.
"""

from supervisor.model import names
from supervisor.model.errors import invalid, required
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors

_MAX_MESSAGE = 1024
_MAX_WORD = 128


def check(event: Object) -> Errors:
    yield from metadata.check(
        event["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from _event(event)


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _event(new)


def _event(event: Object) -> Errors:
    mine = event["metadata"].get("namespace") or ""
    theirs = (event.get("involvedObject") or {}).get("namespace") or ""
    is_new_kind = bool(event.get("eventTime"))
    if theirs:
        agree = is_new_kind or mine == theirs
    else:
        # Events about objects without a namespace stay in the default one.
        agree = mine == "default" or (is_new_kind and mine == "kube-system")
    if not agree:
        field = "involvedObject.namespace"
        yield invalid(field, theirs, "does not match event.namespace")
    if is_new_kind:
        yield from _of_the_new_kind(event)


def _of_the_new_kind(event: Object) -> Errors:
    """Events that tell `eventTime` must also tell who saw what."""
    component = event.get("reportingComponent")
    yield from report.named("reportingController", component, names.qualified)
    for field in ("reportingInstance", "action", "reason"):
        text = event.get(field) or ""
        if not text:
            yield required(field)
        elif len(text) > _MAX_WORD:
            yield invalid(field, "", f"can have at most {_MAX_WORD} characters")
    if len(event.get("message") or "") > _MAX_MESSAGE:
        detail = f"can have at most {_MAX_MESSAGE} characters"
        yield invalid("message", "", detail)
