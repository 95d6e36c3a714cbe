"""The way to a port of a pod: the one thing that hosts differ in for probes and hooks.

Rules
- Whoever has something to ask of a pod (a probe, an HTTP hook, port-forward) asks the
  engine's `Reach` for a `Way` and opens a connection on it; nobody else knows whether
  that goes straight to the pod, through a published port or through a tunnel.
- A way that does not exist at present raises: NoWay, or EngineUnavailable when the host
  itself is away. That says nothing about the pod. What the pod or the network answers
  is an OSError, as of any connection.
- A way for asyncio and one for threads lead to the same place.

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
    """This port cannot be reached from here; the text says what could be done."""


@dataclass(frozen=True)
class PublishedPort:
    """A TCP port of a pod that its host has under a port of its own."""

    port: int
    host_port: int
    host_ip: str
    """Of the host, or of all its addresses: `0.0.0.0` or `::`."""


@dataclass(frozen=True)
class PodAddress:
    """Where a pod is, as far as its engine's host knows."""

    ip: str = ""
    """Of the host with the host's network; empty while there is none."""
    host_network: bool = False
    published: Sequence[PublishedPort] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """A plain TCP connection to `host`:`port`."""

    host: str
    port: int
    may_accept_early: bool = False
    """Something in between may take a connection and break it off a moment later,
    because the pod itself does not take it."""

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
        """The same for a thread: a connected socket, with that timeout."""
        sock = socket.create_connection((self.host, self.port), timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock


class Reach(Protocol):
    """How this process reaches the pods of one engine. Any thread; never blocks."""

    @property
    def is_remote(self) -> bool:
        """Whether silence may be the host's or the network's, and not the pod's."""

    def way(self, pod: PodAddress, port: int) -> Way:
        """To `port` of a pod, as its containers have it. Raises NoWay."""


def way_to(reach: Reach, pod: PodAddress, host: str = "") -> Callable[[int], Way]:
    """Of a port: to `host`, which is dialled from here, or to the pod without one."""
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
