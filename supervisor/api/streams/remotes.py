"""Which protocol serves a request for a command or for ports, and its client's end.

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
    """The upgrade that an exec or attach asks for. Raises ApiError."""
    return choose(
        request, websocket=command_channels.PROTOCOLS, spdy=command_spdy.PROTOCOLS
    )


async def connect(request: Request, upgrade: Upgrade, wanted: CommandOptions) -> Remote:
    """Agree to the upgrade; the user's end. Raises ConnectionError."""
    wire = upgrade.accept(request)
    if upgrade.kind is Kind.SPDY:
        spdy = SpdyRemote(SpdyConnection(wire), upgrade.protocol, wanted)
        await spdy.connect()
        return spdy
    channels = ChannelRemote(WebSocket(wire), upgrade.protocol)
    if wanted.stdout or wanted.stderr:
        await channels.greet(STDOUT if wanted.stdout else STDERR)
    return channels


def for_ports(request: Request) -> Upgrade:
    """The upgrade that a port-forward asks for. Raises ApiError."""
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
    """Agree to the upgrade; what serves it. Raises ConnectionError."""
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
