"""Resolve the port of a probe: a number, or the name of a container port.

Follows pkg/probe/util.go.
"""

from supervisor.model.pod import Container, Port


def resolve(port: Port, container: Container) -> int:
    """The number of `port`, which may be a number, a name or digits.

    Raises ValueError with upstream's message if it is not between 1 and 65535.
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
