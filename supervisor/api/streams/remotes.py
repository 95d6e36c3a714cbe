"""Choosing the protocol for exec, attach and port-forward.

| | WebSocket | SPDY |
|---|---|---|
| exec, attach | v5, v4 and v1 channels | v4, v3, v2 and v1 |
| portforward | SPDY inside; channels | plain |
"""

from starlette.requests import Request

from supervisor.api.streams import command_channels, command_spdy, options
from supervisor.api.streams.command import STDERR, STDOUT, Remote
from supervisor.api.streams.command_channels import ChannelRemote
from supervisor.api.streams.command_spdy import SpdyRemote
from supervisor.api.streams.forward import Forwarder
from supervisor.api.streams.forward_channels import ChannelTunnel
from supervisor.api.streams.forward_spdy import SpdyTunnel
from supervisor.api.streams.options import CommandOptions
from supervisor.api.streams.spdy_connection import SpdyConnection
from supervisor.api.streams.upgrade import Kind, Upgrade, choose
from supervisor.api.streams.websocket import Tunnel, WebSocket

_SPDY_INSIDE = "SPDY/3.1+portforward.k8s.io"
_PORT_CHANNELS = "v4.channel.k8s.io"
_PORT_STREAMS = "portforward.k8s.io"


def for_command(request: Request) -> Upgrade:
    """The upgrade requested by exec or attach. Raises ApiError."""
    return choose(
        request, websocket=command_channels.PROTOCOLS, spdy=command_spdy.PROTOCOLS
    )


async def connect(
    request: Request, upgrade: Upgrade, options_: CommandOptions
) -> Remote:
    """Accept the upgrade; return the client's side. Raises ConnectionError."""
    wire = upgrade.accept(request)
    if upgrade.kind is Kind.SPDY:
        spdy = SpdyRemote(SpdyConnection(wire), upgrade.protocol, options_)
        await spdy.connect()
        return spdy
    channels = ChannelRemote(WebSocket(wire), upgrade.protocol)
    if options_.stdout or options_.stderr:
        await channels.greet(STDOUT if options_.stdout else STDERR)
    return channels


def for_ports(request: Request) -> Upgrade:
    """The upgrade requested by port-forward. Raises ApiError."""
    upgrade = choose(
        request,
        websocket=(_SPDY_INSIDE, _PORT_CHANNELS, ""),
        spdy=(_PORT_STREAMS, ""),
    )
    if _is_channels(upgrade):
        options.ports(request.query_params)
    return upgrade


def tunnel(
    request: Request, upgrade: Upgrade, forwarder: Forwarder
) -> SpdyTunnel | ChannelTunnel:
    """Accept the upgrade; return the tunnel to run. Raises ConnectionError."""
    wire = upgrade.accept(request)
    if upgrade.kind is Kind.SPDY:
        return SpdyTunnel(SpdyConnection(wire), forwarder)
    websocket = WebSocket(wire)
    if _is_channels(upgrade):
        ports = options.ports(request.query_params)
        return ChannelTunnel(websocket, forwarder, ports)
    return SpdyTunnel(SpdyConnection(Tunnel(websocket)), forwarder)


def _is_channels(upgrade: Upgrade) -> bool:
    return upgrade.kind is Kind.WEBSOCKET and upgrade.protocol != _SPDY_INSIDE
