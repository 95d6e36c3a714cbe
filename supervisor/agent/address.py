"""The address by which other machines reach this one."""

import socket

#: Nothing is sent there: a datagram socket that is connected only picks its own end.
_FAR_AWAY = (("192.0.2.1", 9), socket.AF_INET), (("2001:db8::1", 9), socket.AF_INET6)


def own_address() -> str:
    """That of the interface with the default route, else of the loopback."""
    for target, family in _FAR_AWAY:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(target)
            except OSError:
                continue
            return str(probe.getsockname()[0])
    return "127.0.0.1"
