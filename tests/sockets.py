"""What tests ask of a socket."""

import socket
from typing import Any


def nodelay(sock: Any) -> bool:
    """Whether small pieces are sent at once; `sock` may be asyncio's or TLS's."""
    return bool(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
