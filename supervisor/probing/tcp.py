"""One TCP probe: well if the port accepts a connection.

Follows pkg/probe/tcp/tcp.go.
"""

import asyncio

from supervisor.probing import dial
from supervisor.probing.base import Attempt, Outcome


async def probe(host: str, port: int, timeout: float) -> Attempt:
    """Connect to `host`:`port` within `timeout` seconds, and close again."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout):
            transport, _ = await loop.create_connection(asyncio.Protocol, host, port)
    except OSError as error:
        return Attempt(Outcome.FAILURE, dial.failure(host, port, error))
    transport.abort()
    return Attempt(Outcome.SUCCESS)
