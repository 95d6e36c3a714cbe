"""Environment variables and where their values come from.

Follows ValidateEnv and ValidateEnvFrom of pkg/apis/core/validation/validation.go.
"""

import re

from supervisor.model import names, quantities
from supervisor.model.errors import invalid, required, unsupported
from supervisor.model.meta import Object
from supervisor.model.validation import report
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
_RESOURCES = (
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
)
_HUGE_PAGES = ("limits.hugepages-", "requests.hugepages-")
_BYTE_DIVISORS = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei"
_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef")
_FROM_SOURCES = ("configMapRef", "secretRef")
_SUBSCRIPT = re.compile(r"(.+)\['(.*)'\]")


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
                yield from _field_ref(source[kind], field)
            case "resourceFieldRef":
                yield from _resource_ref(source[kind], field)
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


def _field_ref(ref: Object, path: str) -> Errors:
    if not ref.get("apiVersion"):
        yield required(f"{path}.apiVersion")
        return
    field = ref.get("fieldPath") or ""
    if not field:
        yield required(f"{path}.fieldPath")
        return
    if ref["apiVersion"] != "v1":
        detail = f"unsupported pod version: {ref['apiVersion']}"
        yield invalid(
            f"{path}.fieldPath", field, f"error converting fieldPath: {detail}"
        )
        return
    subscripted = _SUBSCRIPT.fullmatch(field)
    if subscripted is None:
        if field not in _FIELDS:
            yield unsupported(f"{path}.fieldPath", field, _FIELDS)
        return
    of, key = subscripted.groups()
    match of:
        case "metadata.annotations":
            yield from report.each(path, key.lower(), names.qualified(key.lower()))
        case "metadata.labels":
            yield from report.each(path, key, names.qualified(key))
        case _:
            yield invalid(path, of, "does not support subscript")


def _resource_ref(ref: Object, path: str) -> Errors:
    resource = ref.get("resource") or ""
    if not resource:
        yield required(f"{path}.resource")
    elif resource not in _RESOURCES and not resource.startswith(_HUGE_PAGES):
        yield unsupported(f"{path}.resource", resource, _RESOURCES)
    yield from _divisor(ref, resource, f"{path}.divisor")


def _divisor(ref: Object, resource: str, path: str) -> Errors:
    given = ref.get("divisor")
    if given is None:
        return
    try:
        divisor = quantities.canonical(given)
    except ValueError as error:
        yield invalid(path, given, str(error))
        return
    kind = resource.partition(".")[2]
    if kind == "cpu":
        if divisor not in ("0", "1m", "1"):
            detail = (
                "only divisor's values 1m and 1 are supported with the cpu resource"
            )
            yield invalid(path, resource, detail)
    elif divisor not in ("0", *_BYTE_DIVISORS.split(", ")):
        named = "local ephemeral storage" if kind == "ephemeral-storage" else kind
        detail = f"only divisor's values {_BYTE_DIVISORS} are supported with the "
        yield invalid(path, resource, f"{detail}{named.partition('-')[0]} resource")


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
