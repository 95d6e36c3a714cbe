"""Which rules hold for which resource.

Follows the `Validate…` methods of pkg/registry/core.
"""

from collections.abc import Callable
from itertools import islice

from supervisor.model import names
from supervisor.model.errors import FieldError
from supervisor.model.meta import Object, without_nulls
from supervisor.model.validation import (
    engines,
    events,
    leases,
    metadata,
    namespaces,
    nodes,
    pods,
    replicationcontrollers,
    stored,
)
from supervisor.model.validation.report import Errors

MOST_ERRORS = 100

Check = Callable[[Object], Errors]
Compare = Callable[[Object, Object], Errors]


def on_create(resource: str, obj: Object) -> list[FieldError]:
    """Everything wrong with a new object that has its defaults."""
    check = _CHECKS.get(resource, _any)
    return _first(check(_readable(obj)))


def on_update(resource: str, new: Object, old: Object) -> list[FieldError]:
    """Everything wrong with `new` in place of `old`."""
    compare = _COMPARES.get(resource, _any_update)
    return _first(compare(_readable(new), _readable(old)))


def on_status_update(resource: str, new: Object, old: Object) -> list[FieldError]:
    """Everything wrong with the status of `new` in place of that of `old`."""
    compare = _STATUS_COMPARES.get(resource, _any_update)
    return _first(compare(_readable(new), _readable(old)))


def _first(errors: Errors) -> list[FieldError]:
    """All that is wrong, or as much of it as anybody reads."""
    found = list(islice(errors, MOST_ERRORS + 1))
    if len(found) > MOST_ERRORS:
        text = f"there is more that is wrong; these are the first {MOST_ERRORS} errors"
        found[MOST_ERRORS] = FieldError("FieldValueInvalid", "", text)
    return found


def warnings(resource: str, obj: Object) -> list[str]:
    """What is accepted, but will not be for ever."""
    return engines.warnings(obj) if resource == "engines.supervisor.io" else []


def _readable(obj: Object) -> Object:
    plain: Object = without_nulls(obj)
    plain.setdefault("metadata", {})
    return plain


def _any(obj: Object) -> Errors:
    namespaced = bool(obj["metadata"].get("namespace"))
    yield from metadata.check(
        obj["metadata"], namespaced=namespaced, name_check=names.dns_subdomain
    )


def _any_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])


_CHECKS: dict[str, Check] = {
    "pods": pods.check,
    "replicationcontrollers": replicationcontrollers.check,
    "nodes": nodes.check,
    "namespaces": namespaces.check,
    "configmaps": stored.check_config_map,
    "secrets": stored.check_secret,
    "events": events.check,
    "leases.coordination.k8s.io": leases.check,
    "engines.supervisor.io": engines.check,
}

_COMPARES: dict[str, Compare] = {
    "pods": pods.check_update,
    "replicationcontrollers": replicationcontrollers.check_update,
    "nodes": nodes.check_update,
    "namespaces": namespaces.check_update,
    "configmaps": stored.check_config_map_update,
    "secrets": stored.check_secret_update,
    "events": events.check_update,
    "leases.coordination.k8s.io": leases.check_update,
    "engines.supervisor.io": engines.check_update,
}

_STATUS_COMPARES: dict[str, Compare] = {
    "pods": pods.check_status_update,
    "replicationcontrollers": replicationcontrollers.check_status_update,
    "nodes": nodes.check_update,
    "namespaces": namespaces.check_status_update,
}
