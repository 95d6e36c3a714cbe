"""One lab of three Docker hosts and one daemon over them, for all tests of the folder.

Every test finds three nodes that are well, have never been lost, and have nothing of
ours on them.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon import Daemon, sweep
from tests.lab import Lab
from tests.lab.fixtures import DISK_MIB, NODES, need_root
from tests.lab.lab import borrowed
from tests.nodes.world import FAST, IMAGE, World


@pytest.fixture(scope="session")
def hosts() -> Iterator[Lab]:
    """Three hosts with TLS, whose containers outlive the engine's process."""
    need_root()
    # Not below pytest's folder: the name of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        place = Path(folder) / "nodes"
        with borrowed(place, NODES, memory_disk=DISK_MIB, live_restore=True) as made:
            yield made.load(IMAGE)


@pytest.fixture(scope="session")
def world_of_session(
    hosts: Lab, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    sweep()
    daemon = Daemon(tmp_path_factory.mktemp("daemon"), {"nodes": [], "failover": FAST})
    try:
        daemon.start()
        yield World(hosts, daemon)
    finally:
        daemon.close()


@pytest.fixture
def world(world_of_session: World) -> Iterator[World]:
    """With the fast profile: a lost node's pods are evicted after 2.5 seconds."""
    world_of_session.join()
    yield world_of_session
    world_of_session.clear()


@pytest.fixture
def patient_world(
    hosts: Lab, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The same hosts under a daemon of its own, with the default settings."""
    daemon = Daemon(tmp_path_factory.mktemp("daemon"), {"nodes": []})
    made = World(hosts, daemon)
    try:
        daemon.start()
        made.join()
        yield made
        made.clear()
        made.leave()
    finally:
        daemon.close()
