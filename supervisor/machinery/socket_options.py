"""What TCP connections of ours are set to.

- TCP_NODELAY: with Nagle's algorithm the last piece of what is written waits until the
  peer has acknowledged the one before, for 40 ms. asyncio sets it only for sockets that
  were made with an explicit protocol.
- Keep-alive: a peer that vanished is noticed, even on a connection that is silent.
"""

import socket

Option = tuple[int, int, int]
"""Level, name and value, as `setsockopt` takes them."""


def options(*, idle: int, interval: int, tries: int) -> list[Option]:
    """After `idle` seconds of silence the peer is asked every `interval` seconds; with
    `tries` questions unanswered the connection is lost.
    """
    return [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle),
        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval),
        (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, tries),
    ]
