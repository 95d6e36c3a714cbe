"""Socket options of TCP connections.

- TCP_NODELAY: with Nagle's algorithm, the last segment of a write waits up to 40 ms for
  the acknowledgement of the one before. asyncio sets the option only on sockets created
  with an explicit protocol.
- Keep-alive: detects a peer that vanished while the connection is idle.
"""

import socket

Option = tuple[int, int, int]
"""Level, name and value: the arguments of `setsockopt`."""


def options(*, idle: int, interval: int, tries: int) -> list[Option]:
    """TCP_NODELAY and keep-alive.

    After `idle` seconds without traffic a probe is sent every `interval` seconds; after
    `tries` unanswered probes the connection is closed.
    """
    return [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle),
        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval),
        (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, tries),
    ]
