"""The node that tests of the agent's behaviour move by hand."""

import pytest

from tests.fakes.agent import Node


@pytest.fixture
def node() -> Node:
    """A node without pods, whose engine has one image."""
    return Node()
