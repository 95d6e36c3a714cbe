"""Probes, hooks and what they do: exactly one handler, sane numbers.

Follows validateProbe, validateLifecycle and validateHandler of
pkg/apis/core/validation/validation.go.
"""

from collections.abc import Callable

from supervisor.model import names
from supervisor.model.errors import forbidden_field, invalid, required
from supervisor.model.meta import Object
from supervisor.model.validation import report
from supervisor.model.validation.report import Errors

_NUMBERS = (
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
)
_OF_PROBES = ("exec", "httpGet", "tcpSocket", "grpc")
_OF_HOOKS = ("exec", "httpGet", "tcpSocket", "sleep")
_GRACE = "terminationGracePeriodSeconds"


def check(container: Object, path: str, grace: int | None) -> Errors:
    """What is wrong with the probes and hooks of a container.

    `grace` is the pod's; it bounds how long a hook may sleep.
    """
    hooks = container.get("lifecycle") or {}
    for hook in ("postStart", "preStop"):
        if hooks.get(hook) is not None:
            field = f"{path}.lifecycle.{hook}"
            yield from _handler(hooks[hook], field, _OF_HOOKS, grace)
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if container.get(probe) is not None:
            yield from _probe(container[probe], f"{path}.{probe}")


def _probe(probe: Object, path: str) -> Errors:
    yield from _handler(probe, path, _OF_PROBES, None)
    for field in _NUMBERS:
        yield from report.not_negative(f"{path}.{field}", probe.get(field))
    grace = probe.get(_GRACE)
    if grace is not None and grace <= 0:
        yield invalid(f"{path}.{_GRACE}", grace, "must be greater than 0")
    if path.endswith("readinessProbe"):
        if grace is not None:
            detail = "must not be set for readinessProbes"
            yield invalid(f"{path}.{_GRACE}", grace, detail)
    elif probe.get("successThreshold", 1) != 1:
        threshold = probe["successThreshold"]
        yield invalid(f"{path}.successThreshold", threshold, "must be 1")


def _handler(
    handler: Object, path: str, kinds: tuple[str, ...], grace: int | None
) -> Errors:
    given = [kind for kind in kinds if handler.get(kind) is not None]
    if not given:
        yield required(path, "must specify a handler type")
        return
    first = given[0]
    if first == "sleep":
        yield from _sleep(handler[first], f"{path}.sleep", grace)
    else:
        yield from _CHECKS[first](handler[first], f"{path}.{first}")
    for kind in given[1:]:
        detail = "may not specify more than 1 handler type"
        yield forbidden_field(f"{path}.{kind}", detail)


def _exec(action: Object, path: str) -> Errors:
    if not action.get("command"):
        yield required(f"{path}.command")


def _http_get(action: Object, path: str) -> Errors:
    if not action.get("path"):
        yield required(f"{path}.path")
    yield from _port(action, path)
    schemes = ("HTTP", "HTTPS")
    yield from report.one_of(f"{path}.scheme", action.get("scheme"), schemes)
    for header in action.get("httpHeaders") or []:
        name = header.get("name") or ""
        yield from report.each(f"{path}.httpHeaders", name, names.http_header(name))


def _port(action: Object, path: str) -> Errors:
    port = action.get("port", 0)
    check = names.port_name(port) if isinstance(port, str) else names.port_number(port)
    yield from report.each(f"{path}.port", port, check)


def _sleep(action: Object, path: str, grace: int | None) -> Errors:
    seconds = action.get("seconds", 0)
    if grace is not None and not 0 <= seconds <= grace:
        detail = (
            "must be non-negative and less than terminationGracePeriodSeconds "
            f"({grace})"
        )
        yield invalid(path, seconds, detail)


_CHECKS: dict[str, Callable[[Object, str], Errors]] = {
    "exec": _exec,
    "httpGet": _http_get,
    "tcpSocket": _port,
    "grpc": _port,
}
