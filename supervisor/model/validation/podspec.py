"""The spec of a pod, its own or its template's.

Follows ValidatePodSpec of pkg/apis/core/validation/validation.go.
"""

from supervisor.model import names
from supervisor.model.errors import duplicate, required
from supervisor.model.meta import Object
from supervisor.model.validation import (
    affinity,
    containers,
    dns,
    report,
    security,
    taints,
    topology,
    volumes,
)
from supervisor.model.validation.report import MAX_INT32, Errors

_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_SYSTEMS = ("linux", "windows")
_SUBDOMAINS = (
    "serviceAccountName",
    "nodeName",
    "priorityClassName",
    "runtimeClassName",
)


def check(spec: Object, path: str, *, is_pod: bool) -> Errors:
    """What is wrong with a pod's spec; templates (not `is_pod`) may say less."""
    if spec.get("terminationGracePeriodSeconds") is None:
        yield required(f"{path}.terminationGracePeriodSeconds")
    yield from volumes.check(spec.get("volumes") or [], f"{path}.volumes")
    yield from containers.check(spec, path)
    yield from containers.check_init(spec, path)
    yield from containers.check_host_network(spec, path, is_pod=is_pod)
    policy = spec.get("restartPolicy")
    yield from report.one_of(f"{path}.restartPolicy", policy, _RESTART_POLICIES)
    yield from report.labels(f"{path}.nodeSelector", spec.get("nodeSelector"))
    yield from affinity.check(spec.get("affinity") or {}, f"{path}.affinity")
    spreads = spec.get("topologySpreadConstraints") or []
    yield from topology.check(spreads, f"{path}.topologySpreadConstraints")
    yield from security.check_pod(spec, path)
    yield from dns.check(spec, path)
    for place, gate in enumerate(spec.get("readinessGates") or []):
        field = f"{path}.readinessGates[{place}].conditionType"
        kind = gate.get("conditionType") or ""
        yield from report.each(field, kind, names.qualified(kind))
    yield from security.check_host_users(spec, path)
    yield from _scheduling_gates(spec.get("schedulingGates") or [], path)
    if (system := spec.get("os")) is not None:
        yield from report.one_of(f"{path}.os.name", system.get("name"), _SYSTEMS)
    yield from _names(spec, path)
    deadline = spec.get("activeDeadlineSeconds")
    yield from report.between(f"{path}.activeDeadlineSeconds", deadline, 1, MAX_INT32)
    tolerations = spec.get("tolerations") or []
    yield from taints.check_tolerations(tolerations, f"{path}.tolerations")
    yield from _host_aliases(spec.get("hostAliases") or [], f"{path}.hostAliases")


def _names(spec: Object, path: str) -> Errors:
    for field in _SUBDOMAINS:
        name = spec.get(field)
        if name:
            yield from report.each(f"{path}.{field}", name, names.dns_subdomain(name))
    for field in ("hostname", "subdomain"):
        name = spec.get(field)
        if name:
            yield from report.each(f"{path}.{field}", name, names.dns_label(name))


def _scheduling_gates(gates: list[Object], path: str) -> Errors:
    seen: set[str] = set()
    for place, gate in enumerate(gates):
        field, name = f"{path}.schedulingGates[{place}]", gate.get("name") or ""
        yield from report.each(f"{field}.name", name, names.qualified(name))
        if name in seen:
            yield duplicate(f"{field}.name", name)
        seen.add(name)


def _host_aliases(aliases: list[Object], path: str) -> Errors:
    for place, alias in enumerate(aliases):
        ip = alias.get("ip") or ""
        yield from report.each(f"{path}[{place}].ip", ip, names.ip(ip))
        for at, hostname in enumerate(alias.get("hostnames") or []):
            field = f"{path}[{place}].hostnames[{at}]"
            yield from report.each(field, hostname, names.dns_subdomain(hostname))
