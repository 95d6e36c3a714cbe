"""A pod's network as its containers see it: its names, resolver and settings. Pure.

Follows pkg/kubelet/kubelet_pods.go (GeneratePodHostNameAndDomain, ensureHostsFile) and
pkg/kubelet/network/dns/dns.go (GetPodDNS).
"""

from supervisor.model.pod import Pod
from supervisor.model.sysctls import dotted
from supervisor.runtime.base import HostsFile, ResolvConf

_LONGEST_HOSTNAME = 63


def hostname(pod: Pod) -> str:
    """The pod's own hostname, or its name, cut to what a hostname may be."""
    wanted = pod.spec.hostname or pod.metadata.name
    return wanted[:_LONGEST_HOSTNAME].rstrip("-.")


def hosts_file(pod: Pod) -> HostsFile:
    aliases = tuple((a.ip, a.hostnames) for a in pod.spec.host_aliases)
    return HostsFile(pod.spec.host_network, aliases)


def resolv_conf(pod: Pod) -> ResolvConf | None:
    """None where the engine's own will do."""
    config, alone = pod.spec.dns_config, pod.spec.dns_policy == "None"
    if config is None:
        return ResolvConf(alone=True) if alone else None
    options = tuple((o.name, o.value or "") for o in config.options)
    return ResolvConf(config.nameservers, config.searches, options, alone)


def sysctls(pod: Pod) -> dict[str, str]:
    """Kernel settings, those of the network and of shared memory."""
    secure = pod.spec.security_context
    return {dotted(s.name): s.value for s in secure.sysctls} if secure else {}
