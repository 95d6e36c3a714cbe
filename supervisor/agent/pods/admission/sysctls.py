"""Which kernel settings a pod may change: those that concern no other pod. Pure.

Follows pkg/kubelet/sysctl/{safe_sysctls,allowlist}.go and
component-helpers/node/util/sysctl/namespace.go.
"""

from supervisor.model.pod import Pod
from supervisor.model.sysctls import dotted

SAFE = (
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
)


def forbidden_sysctl(pod: Pod) -> str | None:
    """What is wrong with the first setting that the pod may not change."""
    secure = pod.spec.security_context
    for wanted in secure.sysctls if secure else ():
        name = dotted(wanted.name)
        if name not in SAFE:
            return f'"{name}" not allowlisted'
        if name.startswith("net.") and pod.spec.host_network:
            return f'"{name}" not allowed with host net enabled'
    return None
