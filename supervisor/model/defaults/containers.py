"""Defaults of one container.

Follows SetDefaults_Container, SetDefaults_Probe and their neighbours in
pkg/apis/core/v1/defaults.go.
"""

from collections.abc import Iterator

from supervisor.model import quantities
from supervisor.model.meta import Object

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HOOKS = ("postStart", "preStop")

#: An explicit zero counts as unset: upstream's type cannot tell them apart.
_PROBE_DEFAULTS = {
    "timeoutSeconds": 1,
    "periodSeconds": 10,
    "successThreshold": 1,
    "failureThreshold": 3,
}


def complete(container: Object) -> None:
    """Fill in what `container` leaves open, in place."""
    if not container.get("imagePullPolicy"):
        container["imagePullPolicy"] = pull_policy(container.get("image") or "")
    if not container.get("terminationMessagePath"):
        container["terminationMessagePath"] = "/dev/termination-log"
    if not container.get("terminationMessagePolicy"):
        container["terminationMessagePolicy"] = "File"
    for port in container.get("ports") or []:
        if not port.get("protocol"):
            port["protocol"] = "TCP"
    for variable in container.get("env") or []:
        source = variable.get("valueFrom") or {}
        complete_field_ref(source.get("fieldRef"))
    for probe in _probes(container):
        for field, value in _PROBE_DEFAULTS.items():
            probe[field] = probe.get(field) or value
    for handler in (*_probes(container), *_hooks(container)):
        _complete_http_get(handler)
    _complete_resources(container.setdefault("resources", {}))


def complete_field_ref(ref: Object | None) -> None:
    if ref is not None and not ref.get("apiVersion"):
        ref["apiVersion"] = "v1"


def pull_policy(image: str) -> str:
    """Always for the tag `latest`, said or meant; else IfNotPresent."""
    name, at, _digest = image.partition("@")
    _, colon, tag = name.rpartition("/")[2].partition(":")
    means_latest = not colon and not at
    return "Always" if tag == "latest" or means_latest else "IfNotPresent"


def _probes(container: Object) -> Iterator[Object]:
    return (container[p] for p in _PROBES if container.get(p) is not None)


def _hooks(container: Object) -> Iterator[Object]:
    hooks = container.get("lifecycle") or {}
    return (hooks[h] for h in _HOOKS if hooks.get(h) is not None)


def _complete_http_get(handler: Object) -> None:
    http_get = handler.get("httpGet")
    if http_get is not None:
        http_get["path"] = http_get.get("path") or "/"
        http_get["scheme"] = http_get.get("scheme") or "HTTP"
    if handler.get("grpc") is not None:
        handler["grpc"].setdefault("service", "")


def _complete_resources(resources: Object) -> None:
    for kind in ("limits", "requests"):
        amounts: Object = resources.get(kind) or {}
        for name, amount in amounts.items():
            amounts[name] = _canonical(amount)


def request_what_is_limited(container: Object) -> None:
    """Requests that are not given equal the limits. Pods only, not templates."""
    resources = container.get("resources") or {}
    limits = resources.get("limits") or {}
    if limits:
        resources["requests"] = limits | (resources.get("requests") or {})


def _canonical(amount: quantities.Text) -> quantities.Text:
    """As upstream writes it; what is no quantity stays, for validation to name it."""
    try:
        return quantities.rounded_to_millis(amount)
    except ValueError:
        return amount
