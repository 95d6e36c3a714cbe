"""Containers: the regular ones, those that initialize, and sidecars.

Follows validateContainers and validateInitContainers of
pkg/apis/core/validation/validation.go.
"""

from collections.abc import Set

from supervisor.model import names
from supervisor.model.errors import duplicate, forbidden_field, invalid, required
from supervisor.model.meta import Object
from supervisor.model.validation import (
    environment,
    probes,
    report,
    resources,
    security,
    volumes,
)
from supervisor.model.validation.report import Errors

_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_FOR_RUNNING = ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")


def check(spec: Object, path: str) -> Errors:
    """What is wrong with the regular containers of a pod."""
    containers = spec.get("containers") or []
    path = f"{path}.containers"
    if not containers:
        yield required(path)
        return
    seen: set[str] = set()
    known = volumes.names_of(spec)
    for place, container in enumerate(containers):
        field = f"{path}[{place}]"
        yield from _any(container, known, field)
        name = container.get("name") or ""
        if name in seen:
            yield duplicate(f"{field}.name", name)
        seen.add(name)
        yield from probes.check(container, field, _grace(spec))
        if container.get("restartPolicy") is not None:
            detail = "may not be set for non-init containers"
            yield forbidden_field(f"{field}.restartPolicy", detail)
    yield from _host_ports(containers, path)


def check_init(spec: Object, path: str) -> Errors:
    """What is wrong with the init containers of a pod."""
    path = f"{path}.initContainers"
    seen = {c.get("name") or "" for c in spec.get("containers") or []}
    known = volumes.names_of(spec)
    for place, container in enumerate(spec.get("initContainers") or []):
        field = f"{path}[{place}]"
        yield from _any(container, known, field)
        policy = container.get("restartPolicy")
        if policy is not None:
            yield from report.one_of(f"{field}.restartPolicy", policy, ("Always",))
        name = container.get("name") or ""
        if name in seen and name:
            yield duplicate(f"{field}.name", name)
        seen.add(name)
        yield from _host_ports([container], path)
        if policy == "Always":
            yield from probes.check(container, field, _grace(spec))
        else:
            yield from _runs_once(container, field)


def _grace(spec: Object) -> int | None:
    grace: int | None = spec.get("terminationGracePeriodSeconds")
    return grace


def _runs_once(container: Object, path: str) -> Errors:
    for field in _FOR_RUNNING:
        if container.get(field) is not None:
            detail = "may not be set for init containers without restartPolicy=Always"
            yield forbidden_field(f"{path}.{field}", detail)


def _any(container: Object, known: Set[str], path: str) -> Errors:
    yield from report.named(f"{path}.name", container.get("name"), names.dns_label)
    if not container.get("image"):
        yield required(f"{path}.image")
    policy = container.get("terminationMessagePolicy")
    field = f"{path}.terminationMessagePolicy"
    yield from report.one_of(field, policy, _MESSAGE_POLICIES)
    yield from _ports(container.get("ports") or [], f"{path}.ports")
    yield from environment.check(container, path)
    yield from volumes.check_mounts(container, known, path)
    pull = container.get("imagePullPolicy")
    yield from report.one_of(f"{path}.imagePullPolicy", pull, _PULL_POLICIES)
    yield from resources.check(container.get("resources") or {}, f"{path}.resources")
    yield from security.check_container(container, path)


def _ports(ports: list[Object], path: str) -> Errors:
    seen: set[str] = set()
    for place, port in enumerate(ports):
        field = f"{path}[{place}]"
        name = port.get("name")
        if name:
            wrong = names.port_name(name)
            yield from report.each(f"{field}.name", name, wrong)
            if not wrong and name in seen:
                yield duplicate(f"{field}.name", name)
            seen.add(name)
        number = port.get("containerPort")
        if not number:
            yield required(f"{field}.containerPort")
        else:
            wrong = names.port_number(number)
            yield from report.each(f"{field}.containerPort", number, wrong)
        if port.get("hostPort"):
            wrong = names.port_number(port["hostPort"])
            yield from report.each(f"{field}.hostPort", port["hostPort"], wrong)
        protocol = port.get("protocol")
        yield from report.one_of(f"{field}.protocol", protocol, _PROTOCOLS)


def _host_ports(containers: list[Object], path: str) -> Errors:
    """Containers of one pod that run together cannot share a port of the host."""
    seen: set[str] = set()
    for place, container in enumerate(containers):
        for at, port in enumerate(container.get("ports") or []):
            number = port.get("hostPort")
            if not number:
                continue
            key = f"{port.get('protocol')}/{port.get('hostIP') or ''}/{number}"
            if key in seen:
                yield duplicate(f"{path}[{place}].ports[{at}].hostPort", key)
            seen.add(key)


def check_host_network(spec: Object, path: str, *, is_pod: bool) -> Errors:
    """On the host's network a port is the host's; templates may leave that open."""
    if not spec.get("hostNetwork"):
        return
    for place, container in enumerate(spec.get("containers") or []):
        for at, port in enumerate(container.get("ports") or []):
            mine, host = port.get("containerPort", 0), port.get("hostPort") or 0
            if (is_pod or host) and host != mine:
                detail = "must match `containerPort` when `hostNetwork` is true"
                field = f"{path}.containers[{place}].ports[{at}].hostPort"
                yield invalid(field, host, detail)


def check_images(containers: list[Object], path: str) -> Errors:
    """Images of pods, unlike those of templates, must be free of spaces around."""
    for place, container in enumerate(containers):
        image = container.get("image") or ""
        if image != image.strip():
            detail = "must not have leading or trailing whitespace"
            yield invalid(f"{path}[{place}].image", image, detail)
