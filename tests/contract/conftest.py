"""Several Docker hosts, for the contracts that need them."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.contract.lab_checks import IMAGE, PATIENCE
from tests.lab import Lab
from tests.lab.fixtures import lab, lab_of_session

__all__ = ["client", "lab", "lab_of_session"]


@pytest.fixture
def client(lab: Lab) -> Iterator[Any]:
    """Of node 1, with an open connection and an image; leaves no container."""
    lab.load(IMAGE, onto=[1])
    with closing(lab.endpoint(1).client(timeout=PATIENCE)) as made:
        yield made
    lab.restore()
    with closing(lab.endpoint(1).client()) as made:
        for container in made.containers(all=True):
            made.remove_container(container["Id"], force=True)
