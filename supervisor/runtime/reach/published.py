"""Reach pods through ports that their engine publishes on its host.

Rules
- A pod's sandbox publishes the ports that probes and hooks need, at one address of the
  host and under ports that the engine chooses, so that they never clash. They are read
  back from the engine. They belong to the sandbox and survive restarts of containers.
- A port that the pod publishes itself (hostPort) is used too if it is bound to that
  address or to all addresses.
- The engine's proxy may accept a connection that the pod refuses.
"""

import ipaddress
import socket

from supervisor.runtime.reach.base import NoWay, PodAddress, Way

_EVERYWHERE = ("0.0.0.0", "::", "")
_UNREACHABLE = 3


class Published:
    """`host` is the engine's host. Ports are bound to `address`, or to the host's own
    if that is empty."""

    is_remote = True

    def __init__(self, host: str, address: str = "") -> None:
        self._host = host
        self._address = address

    def bind_address(self) -> str:
        """The IP address to bind ports to. Raises OSError.

        A host name is resolved at every start of a sandbox.
        """
        return self._address or _resolved(self._host)

    def way(self, pod: PodAddress, port: int) -> Way:
        if pod.host_network:
            return Way(self._host, port)
        if not pod.ip:
            raise NoWay("the pod has no address")
        found = [p for p in pod.published if p.port == port]
        for candidate in sorted(found, key=lambda p: self._rank(p.host_ip)):
            if self._rank(candidate.host_ip) < _UNREACHABLE:
                host = self._dialled(candidate.host_ip)
                return Way(host, candidate.host_port, may_accept_early=True)
        raise NoWay(
            f"port {port} of the pod is not published on its host {self._host}, and "
            "pods there are reached through published ports: name the port as a TCP "
            "containerPort of the pod and recreate the pod, or give the node a way "
            f"to all ports (an ssh:// endpoint; reach Direct if {pod.ip} is routable "
            "from the supervisor)"
        )

    def _rank(self, host_ip: str) -> int:
        """Preference among bindings; lower is better."""
        if host_ip in (self._address or self._host, self._host):
            return 0
        if host_ip in _EVERYWHERE:
            return 1
        # The host's name may have resolved to another address when the port was bound.
        other = not self._address and not ipaddress.ip_address(host_ip).is_loopback
        return 2 if other else _UNREACHABLE

    def _dialled(self, host_ip: str) -> str:
        if host_ip not in _EVERYWHERE:
            return host_ip
        return self._host if self._address in _EVERYWHERE else self._address


def _resolved(host: str) -> str:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return str(found[0][4][0])
