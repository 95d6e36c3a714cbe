"""A registry over an empty store in memory, with a clock that stands still."""

from collections.abc import Iterator

import pytest

from supervisor.api.registry import Registry
from supervisor.store.base import Store
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """Stands at 2026-01-02T03:04:05Z until it is moved."""
    return FakeClock()


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store that remembers its last fifty changes."""
    made = SqliteStore(":memory:", keep_changes=50)
    yield made
    made.close()


@pytest.fixture
def registry(store: Store, clock: FakeClock) -> Registry:
    """The API, with its four namespaces and nothing else."""
    return Registry(store, clock)
