"""A daemon over Docker hosts of a lab."""

from collections.abc import Iterator

import pytest

from tests.daemon import Daemon
from tests.integration.engines.fleet import IMAGE, Fleet
from tests.lab import Lab
from tests.lab.fixtures import lab, lab_of_session

__all__ = ["fleet", "lab", "lab_of_session"]


@pytest.fixture
def fleet(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """A daemon that has no node yet; leaves nothing on any of the hosts."""
    lab.load(IMAGE)
    daemon = Daemon(tmp_path_factory.mktemp("daemon"), {"nodes": []})
    made = Fleet(lab, daemon)
    try:
        daemon.start()
        yield made
    finally:
        made.close()
