"""References to fields of the pod and to resources of its containers.

Follows validateObjectFieldSelector and validateContainerResourceFieldSelector of
pkg/apis/core/validation/validation.go.
"""

import re
from collections.abc import Sequence

from supervisor.model import names, quantities
from supervisor.model.errors import invalid, required, unsupported
from supervisor.model.meta import Object
from supervisor.model.validation import report
from supervisor.model.validation.report import Errors

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
_SUBSCRIPT = re.compile(r"(.+)\['(.*)'\]")


def check_field(ref: Object, path: str, allowed: Sequence[str]) -> Errors:
    """A fieldRef to one of the fields `allowed`, or to a label or annotation."""
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
        if field not in allowed:
            yield unsupported(f"{path}.fieldPath", field, allowed)
        return
    of, key = subscripted.groups()
    match of:
        case "metadata.annotations":
            yield from report.each(path, key.lower(), names.qualified(key.lower()))
        case "metadata.labels":
            yield from report.each(path, key, names.qualified(key))
        case _:
            yield invalid(path, of, "does not support subscript")


def check_resource(ref: Object, path: str) -> Errors:
    """A resourceFieldRef."""
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
