"""The port that a probe means: a number, or a name among those of its container.

Follows pkg/probe/util.go.
"""

from supervisor.model.pod import Container, Port


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
