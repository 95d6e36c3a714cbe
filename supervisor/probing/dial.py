"""Connection failures in the words of Go's net package.

Follows net.OpError and the probes' messages of pkg/probe.
"""

import errno
import os
import socket

_SYSTEM_CALLS = {
    errno.ECONNREFUSED: "connect: connection refused",
    errno.EHOSTUNREACH: "connect: no route to host",
    errno.ENETUNREACH: "connect: network is unreachable",
    errno.ECONNRESET: "read: connection reset by peer",
    errno.EPIPE: "write: broken pipe",
}


def address(host: str, port: int) -> str:
    """`host:port`, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def failure(host: str, port: int, error: OSError) -> str:
    """For example `dial tcp 10.1.0.5:8080: connect: connection refused`."""
    if isinstance(error, TimeoutError):
        text = "i/o timeout"
    elif isinstance(error, socket.gaierror):
        return f"dial tcp: lookup {host}: no such host"
    else:
        text = _SYSTEM_CALLS.get(error.errno or 0) or (
            f"connect: {os.strerror(error.errno).lower()}" if error.errno else "EOF"
        )
    return f"dial tcp {address(host, port)}: {text}"
