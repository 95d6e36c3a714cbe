"""IP addresses of engines' hosts and of this machine, for the status of Nodes."""

import socket

from supervisor.model import endpoint


def address_of(engine_endpoint: str) -> str:
    """The address of an engine's host; its name if it cannot be resolved."""
    host = endpoint.parse(engine_endpoint).host
    if not host:
        return own_address()
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return host  # an alias that only ssh knows
    return str(found[0][4][0])


def own_address() -> str:
    """This machine's source address for outgoing traffic; loopback without a route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            # Nothing is sent: connecting a datagram socket only chooses a route.
            sock.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        address: str = sock.getsockname()[0]
        return address
