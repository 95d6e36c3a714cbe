"""TCP probes: success if the port accepts a connection.

If a proxy on the way may accept it in place of the pod, the connection also has to stay
open for a moment: the proxy closes it when the pod refuses.

Follows pkg/probe/tcp/tcp.go.
"""

import asyncio
import errno

from supervisor.probing import dial
from supervisor.probing.base import Attempt, Outcome
from supervisor.runtime.reach import Way

_MIN_MOMENT = 0.4
"""A proxy on a busy host may take this long to close it."""
_ROUND_TRIPS = 3


async def probe(way: Way, timeout: float) -> Attempt:
    """Connect within `timeout` seconds and close the connection."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout):
            begun = loop.time()
            transport, peer = await way.open(_Peer)
    except OSError as error:
        return _failed(way, error)
    try:
        if way.may_accept_early:
            took = loop.time() - begun
            moment = min(_MIN_MOMENT + _ROUND_TRIPS * took, max(timeout - took, 0))
            await peer.stays(moment)
    except OSError as error:
        return _failed(way, error)
    finally:
        transport.abort()
    return Attempt(Outcome.SUCCESS)


def _failed(way: Way, error: OSError) -> Attempt:
    text = dial.failure(way.host, way.port, error)
    return Attempt(Outcome.FAILURE, text, answered=False)


class _Peer(asyncio.Protocol):
    def __init__(self) -> None:
        self._sign: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def stays(self, moment: float) -> None:
        """Return when the peer has sent something, or after `moment` seconds.

        Raises ConnectionResetError if the connection was closed instead.
        """
        await asyncio.wait([self._sign], timeout=moment)
        if self._sign.done():
            self._sign.result()

    def data_received(self, data: bytes) -> None:
        if not self._sign.done():
            self._sign.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._sign.done():
            reset = ConnectionResetError(errno.ECONNRESET, "closed at once")
            self._sign.set_exception(reset)
            # Mark it as retrieved, since nobody may be waiting for it.
            self._sign.exception()
