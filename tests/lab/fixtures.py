"""Nodes for tests that need more than one Docker host.

A folder's conftest.py takes them in:

    from tests.lab.fixtures import lab, lab_of_session
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab.endpoint import Endpoint
from tests.lab.lab import Lab, borrowed

NODES = 3
DISK_MIB = 2048
"""In memory, so that it can be filled; takes as much as is written."""


def need_root() -> None:
    """A test that could not run has not passed."""
    if os.geteuid():
        pytest.fail("several Docker hosts need network namespaces: run as root")


@contextmanager
def engine_behind_tls(*images: str) -> Iterator[Endpoint]:
    """A dockerd that listens with TLS, with images of the machine's engine."""
    need_root()
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        with borrowed(Path(folder) / "nodes", 1) as made:
            yield made.load(*images).endpoint(1)


@pytest.fixture(scope="session")
def lab_of_session() -> Iterator[Lab]:
    """Three Docker hosts with TLS, on a network that no other lab has."""
    need_root()
    # Not below pytest's folder: the name of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        with borrowed(Path(folder) / "nodes", NODES, memory_disk=DISK_MIB) as made:
            yield made


@pytest.fixture
def lab(lab_of_session: Lab) -> Iterator[Lab]:
    """The same for every test, all nodes up and without faults before and after.

    `lab.endpoints()` has the address and client certificate of each; images and
    containers stay from test to test, so a test removes its own.
    """
    yield lab_of_session
    lab_of_session.restore()
