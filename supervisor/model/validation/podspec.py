"""The spec of a pod, its own or its template's.

Follows ValidatePodSpec of pkg/apis/core/validation/validation.go.
"""

from supervisor.model import names
from supervisor.model.errors import invalid, required
from supervisor.model.meta import Object
from supervisor.model.validation import (
    affinity,
    containers,
    report,
    security,
    taints,
    topology,
    volumes,
)
from supervisor.model.validation.report import MOST_INT32, Errors

_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_MOST_NAMESERVERS = 3
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
    yield from report.one_of(f"{path}.dnsPolicy", spec.get("dnsPolicy"), _DNS_POLICIES)
    yield from report.labels(f"{path}.nodeSelector", spec.get("nodeSelector"))
    yield from affinity.check(spec.get("affinity") or {}, f"{path}.affinity")
    spreads = spec.get("topologySpreadConstraints") or []
    yield from topology.check(spreads, f"{path}.topologySpreadConstraints")
    yield from security.check_pod(spec, path)
    yield from _dns_config(spec, path)
    for place, gate in enumerate(spec.get("readinessGates") or []):
        field = f"{path}.readinessGates[{place}].conditionType"
        kind = gate.get("conditionType") or ""
        yield from report.each(field, kind, names.qualified(kind))
    yield from security.check_host_users(spec, path)
    yield from _names(spec, path)
    deadline = spec.get("activeDeadlineSeconds")
    yield from report.between(f"{path}.activeDeadlineSeconds", deadline, 1, MOST_INT32)
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


def _dns_config(spec: Object, path: str) -> Errors:
    config, path = spec.get("dnsConfig"), f"{path}.dnsConfig"
    servers = (config or {}).get("nameservers") or []
    if spec.get("dnsPolicy") == "None":
        if config is None:
            yield required(path, "must provide `dnsConfig` when `dnsPolicy` is None")
        elif not servers:
            detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            yield required(f"{path}.nameservers", detail)
    if len(servers) > _MOST_NAMESERVERS:
        detail = f"must not have more than {_MOST_NAMESERVERS} nameservers"
        yield invalid(f"{path}.nameservers", servers, detail)
    for place, server in enumerate(servers):
        yield from report.each(f"{path}.nameservers[{place}]", server, names.ip(server))


def _host_aliases(aliases: list[Object], path: str) -> Errors:
    for place, alias in enumerate(aliases):
        ip = alias.get("ip") or ""
        yield from report.each(f"{path}[{place}].ip", ip, names.ip(ip))
        for at, hostname in enumerate(alias.get("hostnames") or []):
            field = f"{path}[{place}].hostnames[{at}]"
            yield from report.each(field, hostname, names.dns_subdomain(hostname))
