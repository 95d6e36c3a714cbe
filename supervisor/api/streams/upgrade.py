"""Negotiating and accepting upgrades to WebSocket or SPDY.

Rules
- Requests are validated before the upgrade, so that errors are sent as a Status, which
  kubectl prints.
- Of the protocols that a client offers, the server's preference decides for WebSocket,
  the client's for SPDY, as upstream does.

Follows apimachinery/pkg/util/httpstream/httpstream.go (Handshake).
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from starlette.requests import Request

from supervisor.api.hijack import RawConnection, take_over
from supervisor.model.errors import ApiError, bad_request

_STREAM_VERSION = "x-stream-protocol-version"
_WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Kind(Enum):
    WEBSOCKET = "websocket"
    SPDY = "spdy/3.1"


@dataclass(frozen=True)
class Upgrade:
    """A valid upgrade and the negotiated subprotocol."""

    kind: Kind
    protocol: str

    def accept(self, request: Request) -> RawConnection:
        """Respond with 101. Raises ConnectionError if the client has disconnected."""
        if self.kind is Kind.SPDY:
            headers = [("Connection", "Upgrade"), ("Upgrade", "SPDY/3.1")]
            if self.protocol:
                headers.append(("X-Stream-Protocol-Version", self.protocol))
            return take_over(request, headers)
        token = _accept_token(request.headers["sec-websocket-key"])
        headers = [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Accept", token),
        ]
        if self.protocol:
            headers.append(("Sec-WebSocket-Protocol", self.protocol))
        return take_over(request, headers)


def choose(
    request: Request, *, websocket: Sequence[str], spdy: Sequence[str]
) -> Upgrade:
    """Negotiate an upgrade; protocols are given in order of preference.

    An empty name allows clients that offer no protocol. Raises ApiError if no upgrade
    is requested or no protocol is supported.
    """
    tokens = [
        t.strip().lower() for t in request.headers.get("connection", "").split(",")
    ]
    requested = request.headers.get("upgrade", "").lower()
    if "upgrade" not in tokens or not requested:
        raise bad_request("Upgrade request required")
    if requested == Kind.WEBSOCKET.value:
        return _websocket(request, websocket)
    if requested == Kind.SPDY.value:
        return _spdy(request, spdy)
    raise bad_request(
        f"unable to upgrade: unsupported protocol {requested}, must be websocket or "
        "SPDY/3.1"
    )


def _websocket(request: Request, supported: Sequence[str]) -> Upgrade:
    if request.method != "GET":
        raise bad_request("unable to upgrade: WebSocket needs the method GET")
    version = request.headers.get("sec-websocket-version", "")
    if version != "13":
        raise bad_request(f'Sec-WebSocket-Version is "{version}", it must be 13')
    try:
        key = base64.b64decode(request.headers.get("sec-websocket-key", ""))
    except binascii.Error:
        key = b""
    if len(key) != 16:
        raise bad_request("Sec-WebSocket-Key must be 16 bytes in base64")
    offered = _listed(request, "sec-websocket-protocol")
    for protocol in supported:
        if protocol in (offered or [""]):
            return Upgrade(Kind.WEBSOCKET, protocol)
    raise _no_common_protocol(offered, supported)


def _spdy(request: Request, supported: Sequence[str]) -> Upgrade:
    offered = _listed(request, _STREAM_VERSION)
    for protocol in offered or [""]:
        if protocol in supported:
            return Upgrade(Kind.SPDY, protocol)
    raise _no_common_protocol(offered, supported)


def _no_common_protocol(offered: Sequence[str], supported: Sequence[str]) -> ApiError:
    ours = " ".join(name for name in supported if name)
    text = (
        "unable to upgrade: unable to negotiate protocol: "
        f"client supports [{' '.join(offered)}], server accepts [{ours}]"
    )
    return ApiError(403, "Forbidden", text)


def _listed(request: Request, header: str) -> list[str]:
    values = ",".join(request.headers.getlist(header)).split(",")
    return [value.strip() for value in values if value.strip()]


def _accept_token(key: str) -> str:
    digest = hashlib.sha1(key.strip().encode() + _WEBSOCKET_GUID).digest()
    return base64.b64encode(digest).decode()
