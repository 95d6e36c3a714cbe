"""A registry over an empty in-memory store, with a fake clock."""

from collections.abc import Iterator

import pytest

from supervisor.api.registry import Registry
from supervisor.store.base import Store
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """Fixed at 2026-01-02T03:04:05Z until a test advances it."""
    return FakeClock()


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store that keeps its last fifty changes."""
    made = SqliteStore(":memory:", keep_changes=50)
    yield made
    made.close()


@pytest.fixture
def registry(store: Store, clock: FakeClock) -> Registry:
    """The API with only the four system namespaces."""
    return Registry(store, clock)
