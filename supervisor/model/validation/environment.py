"""Environment variables and where their values come from.

Follows ValidateEnv and ValidateEnvFrom of pkg/apis/core/validation/validation.go.
"""

from supervisor.model import names
from supervisor.model.errors import invalid
from supervisor.model.meta import Object
from supervisor.model.validation import pod_fields, report
from supervisor.model.validation.report import Errors

_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef")
_FROM_SOURCES = ("configMapRef", "secretRef")


def check(container: Object, path: str) -> Errors:
    """What is wrong with `env` and `envFrom` of a container."""
    for place, variable in enumerate(container.get("env") or []):
        field = f"{path}.env[{place}]"
        yield from report.named(f"{field}.name", variable.get("name"), names.env_name)
        if variable.get("valueFrom") is not None:
            yield from _value_from(variable, f"{field}.valueFrom")
    for place, source in enumerate(container.get("envFrom") or []):
        yield from _env_from(source, f"{path}.envFrom[{place}]")


def _value_from(variable: Object, path: str) -> Errors:
    source = variable["valueFrom"]
    given = [kind for kind in _SOURCES if source.get(kind) is not None]
    for kind in given:
        field = f"{path}.{kind}"
        match kind:
            case "fieldRef":
                yield from pod_fields.check_field(source[kind], field, _FIELDS)
            case "resourceFieldRef":
                yield from pod_fields.check_resource(source[kind], field)
            case _:
                yield from _key_ref(source[kind], field)
    if not given:
        detail = (
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` "
            "or `secretKeyRef`"
        )
        yield invalid(path, "", detail)
    elif variable.get("value"):
        yield invalid(path, "", "may not be specified when `value` is not empty")
    elif len(given) > 1:
        detail = "may not have more than one field specified at a time"
        yield invalid(path, "", detail)


def _key_ref(ref: Object, path: str) -> Errors:
    name = ref.get("name") or ""
    yield from report.each(f"{path}.name", name, names.dns_subdomain(name))
    yield from report.named(f"{path}.key", ref.get("key"), names.config_key)


def _env_from(source: Object, path: str) -> Errors:
    prefix = source.get("prefix")
    if prefix:
        yield from report.each(f"{path}.prefix", prefix, names.env_name(prefix))
    given = [kind for kind in _FROM_SOURCES if source.get(kind) is not None]
    for kind in given:
        name = source[kind].get("name")
        yield from report.named(f"{path}.{kind}.name", name, names.dns_subdomain)
    if not given:
        yield invalid(path, "", "must specify one of: `configMapRef` or `secretRef`")
    elif len(given) > 1:
        detail = "may not have more than one field specified at a time"
        yield invalid(path, "", detail)
