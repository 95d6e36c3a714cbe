"""The way to a port of a pod, which differs between hosts.

Rules
- Probes, HTTP hooks and port-forward ask the engine's `Reach` for a `Way` and open a
  connection on it. Nothing else knows whether that connection goes straight to the pod,
  through a published port or through a tunnel.
- NoWay means that there is no way at present, and EngineUnavailable that the host is
  unreachable. Neither says anything about the pod. Failures of the pod or the network
  are OSErrors, as for any connection.
- The asyncio and the blocking connection lead to the same place.

An agent on the host itself would use `Direct`, and nothing else would change.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

Proto = TypeVar("Proto", bound=asyncio.BaseProtocol)
Connected = tuple[asyncio.WriteTransport, Proto]


class NoWay(Exception):
    """The port cannot be reached from here; the text says what to change."""


@dataclass(frozen=True)
class PublishedPort:
    """A TCP port of a pod that is published under a port of its host."""

    port: int
    host_port: int
    host_ip: str
    """The host address it is bound to; `0.0.0.0` or `::` for all addresses."""


@dataclass(frozen=True)
class PodAddress:
    """The address of a pod as its engine's host knows it."""

    ip: str = ""
    """The host's own with the host's network; empty while the pod has none."""
    host_network: bool = False
    published: Sequence[PublishedPort] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """A plain TCP connection to `host`:`port`."""

    host: str
    port: int
    may_accept_early: bool = False
    """A proxy on the way may accept a connection and close it a moment later, because
    the pod itself refuses it."""

    async def open(
        self,
        factory: Callable[[], Proto],
        *,
        tls: ssl.SSLContext | None = None,
        server_name: str | None = None,
    ) -> Connected[Proto]:
        loop = asyncio.get_running_loop()
        return await loop.create_connection(
            factory, self.host, self.port, ssl=tls, server_hostname=server_name
        )

    def connect(self, timeout: float) -> socket.socket:
        """The blocking equivalent of `open`: a connected socket with that timeout, in
        seconds."""
        sock = socket.create_connection((self.host, self.port), timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock


class Reach(Protocol):
    """How this process reaches the pods of one engine. Thread-safe; never blocks."""

    @property
    def is_remote(self) -> bool:
        """Whether a missing answer may be the host's or the network's fault."""

    def way(self, pod: PodAddress, port: int) -> Way:
        """The way to a container port of a pod. Raises NoWay."""


def way_to(reach: Reach, pod: PodAddress, host: str = "") -> Callable[[int], Way]:
    """A function from a port to the way there: to `host`, connected to from this
    process, or to the pod if `host` is empty."""
    if host:
        return lambda port: Way(host, port)
    return lambda port: reach.way(pod, port)


class Direct:
    """Pods whose addresses are routable from here."""

    def __init__(self, *, is_remote: bool = False) -> None:
        self.is_remote = is_remote

    def way(self, pod: PodAddress, port: int) -> Way:
        if not pod.ip:
            raise NoWay("the pod has no address")
        return Way(pod.ip, port)
