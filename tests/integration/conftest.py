"""Labs: a namespace of the session's daemon, and a daemon of the test's own."""

import socket
from collections.abc import Iterator

import pytest

from tests.daemon import Daemon, engine
from tests.integration.lab import Lab


@pytest.fixture
def lab(daemon: Daemon, namespace: str) -> Lab:
    return Lab(daemon, namespace)


@pytest.fixture
def own_lab(own_daemon: Daemon) -> Lab:
    """On a daemon that the test may kill."""
    return Lab(own_daemon, "default")


@pytest.fixture
def silent_image() -> Iterator[str]:
    """An image on the engine, whose registry takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        # Nobody accepts: the system answers the handshake, and that is all.
        name = f"127.0.0.1:{listener.getsockname()[1]}/shell"
        engine().images.get("supervisor/busybox").tag(name)
        yield name
        engine().images.remove(f"{name}:latest", force=True)
