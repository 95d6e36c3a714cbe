"""Reach pods through the tunnel to their host."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from supervisor.runtime.reach import Connected, NoWay, PodAddress, Proto, Way
from supervisor.runtime.ssh.tunnel import SshTunnel

_HOST_ITSELF = "127.0.0.1"
"""The host as seen from itself: our name for it may be an ssh alias."""


class Tunnelled:
    """Connections start on the host, where addresses of pods are routable."""

    is_remote = True

    def __init__(self, tunnel: SshTunnel) -> None:
        self._tunnel = tunnel

    def way(self, pod: PodAddress, port: int) -> Way:
        ip = _HOST_ITSELF if pod.host_network else pod.ip
        if not ip:
            raise NoWay("the pod has no address")
        return TunnelledWay(ip, port, tunnel=self._tunnel)


@dataclass(frozen=True, slots=True, kw_only=True)
class TunnelledWay(Way):
    tunnel: SshTunnel

    async def open(
        self,
        factory: Callable[[], Proto],
        *,
        tls: ssl.SSLContext | None = None,
        server_name: str | None = None,
    ) -> Connected[Proto]:
        sock = await self.tunnel.connect_async(self.host, self.port)
        loop = asyncio.get_running_loop()
        try:
            return await loop.create_connection(
                factory, sock=sock, ssl=tls, server_hostname=server_name
            )
        except BaseException:
            sock.close()
            raise

    def connect(self, timeout: float) -> socket.socket:
        return self.tunnel.connect(self.host, self.port, timeout)
