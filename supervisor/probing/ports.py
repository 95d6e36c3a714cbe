"""Where a probe knocks: the port by number or by name, and the way to it.

Follows pkg/probe/util.go.
"""

from typing import Protocol

from supervisor.model.pod import Container, Port


class Reach(Protocol):
    """How this process reaches a port of a pod: the one thing that hosts differ in."""

    def __call__(self, pod_ip: str, port: int) -> tuple[str, int]:
        """The (host, port) to connect to for `port` of the pod with that address."""


def directly(pod_ip: str, port: int) -> tuple[str, int]:
    """Pods whose addresses are routable from here."""
    return pod_ip, port


def resolve(port: Port, container: Container) -> int:
    """The number of `port`: as it is, by name among the container's, or as digits.

    Raises ValueError in upstream's words when there is none between 1 and 65535.
    """
    number = port if isinstance(port, int) else _by_name(port, container)
    if not 0 < number < 65536:
        raise ValueError(f"invalid port number: {number}")
    return number


def _by_name(name: str, container: Container) -> int:
    for port in container.ports:
        if port.name == name:
            return port.container_port
    try:
        return int(name)
    except ValueError:
        raise ValueError(f"couldn't find port: {name!r} in container") from None
