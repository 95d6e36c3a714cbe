"""Closing idle connections while others use the pool."""

import threading
from collections.abc import Iterator

import docker
import pytest
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool

from supervisor.runtime.docker.connection import pools


class Idle:
    """A connection that is kept; closing it lets somebody else have a turn."""

    def __init__(self, pool: HTTPConnectionPool) -> None:
        self._pool = pool
        self.is_closed = False
        self.rows_left = 0

    def close(self) -> None:
        self.is_closed = True
        assert self._pool.pool is not None
        self.rows_left = self._pool.pool.qsize()


@pytest.fixture
def api() -> Iterator[docker.APIClient]:
    made = docker.APIClient("tcp://127.0.0.1:1", version="1.41")
    yield made
    made.close()


def the_pool(api: docker.APIClient) -> HTTPConnectionPool:
    adapter = api.get_adapter("http://x")
    assert isinstance(adapter, HTTPAdapter)
    pool: HTTPConnectionPool = adapter.poolmanager.connection_from_url(
        "http://127.0.0.1:1"
    )
    return pool


def test_trimming_closes_the_oldest_and_takes_no_room_from_the_others(
    api: docker.APIClient,
) -> None:
    """Who finds no row opens a connection that the pool cannot take back."""
    pool = the_pool(api)
    assert pool.pool is not None
    size = pool.pool.qsize()
    kept = [Idle(pool) for _ in range(7)]
    for _ in kept:
        pool.pool.get()
    for connection in kept:
        pool.pool.put(connection)

    pools.trim(api)

    assert [each.is_closed for each in kept] == [True] * 3 + [False] * 4
    assert {each.rows_left for each in kept[:3]} == {size}
    assert pool.pool.qsize() == size
    assert pool.pool.get() is kept[-1], "the latest used comes first"


def test_a_pool_that_is_trimmed_serves_its_callers(api: docker.APIClient) -> None:
    """No caller ever finds it empty while fewer use it than it has rows."""
    pool = the_pool(api)
    rows = pool.pool
    assert rows is not None
    ended, misses = threading.Event(), list[Exception]()

    def use() -> None:
        while not ended.is_set():
            try:
                rows.put(rows.get(block=False))
            except Exception as error:  # noqa: BLE001  shown below
                misses.append(error)

    callers = [threading.Thread(target=use) for _ in range(3)]
    for caller in callers:
        caller.start()
    for _ in range(2000):
        pools.trim(api)
    ended.set()
    for caller in callers:
        caller.join()

    assert misses == []
