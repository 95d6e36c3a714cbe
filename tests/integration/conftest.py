"""Labs: a namespace of the session's daemon, and a daemon of the test's own."""

import pytest

from tests.daemon import Daemon
from tests.integration.lab import Lab


@pytest.fixture
def lab(daemon: Daemon, namespace: str) -> Lab:
    return Lab(daemon, namespace)


@pytest.fixture
def own_lab(own_daemon: Daemon) -> Lab:
    """On a daemon that the test may kill."""
    return Lab(own_daemon, "default")
