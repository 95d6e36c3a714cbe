"""Every TCP connection that we make sends small pieces at once.

With Nagle's algorithm, the second part of a request waits until the other side has
acknowledged the first, which it puts off for 40 ms.
"""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from supervisor.client.connection import Connection
from supervisor.client.duplex_socket import DuplexSocket
from supervisor.model.endpoint import parse
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.reach import Way
from tests.sockets import nodelay


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def test_to_an_engine(port: int) -> None:
    """For one answer, and for bytes both ways."""
    engine = EngineClient(parse(f"tcp://127.0.0.1:{port}"), 5)
    with engine.dial() as sock:
        assert nodelay(sock)
    with engine.dial_duplex().sock as sock:
        assert nodelay(sock)


def test_to_a_pod_for_a_thread(port: int) -> None:
    """As port-forward and HTTP hooks go."""
    with Way("127.0.0.1", port).connect(5) as sock:
        assert nodelay(sock)


def test_to_a_pod_for_asyncio(port: int) -> None:
    """As probes go."""

    async def opened() -> bool:
        transport, _ = await Way("127.0.0.1", port).open(asyncio.Protocol)
        try:
            return nodelay(transport.get_extra_info("socket"))
        finally:
            transport.close()

    assert asyncio.run(opened())


def test_to_the_api(port: int) -> None:
    """As `exec` of the command goes."""
    wire = DuplexSocket(Connection(f"http://127.0.0.1:{port}"))
    assert nodelay(wire._sock)
    wire.close()
