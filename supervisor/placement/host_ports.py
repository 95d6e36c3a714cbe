"""The host ports that a pod asks for, and which of them exclude each other.

Follows pkg/scheduler/framework/types.go (HostPortInfo).
"""

from typing import NamedTuple

from supervisor.model.pod import Pod

ANY_IP = "0.0.0.0"


class HostPort(NamedTuple):
    ip: str
    protocol: str
    port: int

    def clashes(self, other: "HostPort") -> bool:
        if self[1:] != other[1:]:
            return False
        return self.ip == other.ip or ANY_IP in (self.ip, other.ip)


def host_ports(pod: Pod) -> frozenset[HostPort]:
    """Those of containers and sidecars: init containers end before these start."""
    sidecars = (c for c in pod.spec.init_containers if c.restart_policy == "Always")
    return frozenset(
        HostPort(port.host_ip or ANY_IP, port.protocol, port.host_port)
        for container in (*pod.spec.containers, *sidecars)
        for port in container.ports
        if port.host_port
    )
