"""Close idle connections in docker-py's pools.

urllib3 keeps as many connections open as were ever used at once. Over a Unix socket
docker-py has a pool for each of the last 25 URLs, otherwise one for all.
"""

from collections.abc import Iterator

import docker
from urllib3 import HTTPConnectionPool

SPARE = 4
"""Idle connections that stay open."""


def trim(api: docker.APIClient) -> None:
    """Close all idle connections but SPARE."""
    found = sorted(pools(api), key=lambda pool: -pool.num_requests)
    for place, pool in enumerate(found):
        # Kept where requests are frequent; a container's URL is rarely used twice.
        _trim(pool, SPARE // min(len(found), SPARE) if place < SPARE else 0)


def idle(api: docker.APIClient) -> int:
    """The number of idle connections."""
    rows = [pool.pool.queue for pool in pools(api) if pool.pool is not None]
    return sum(connection is not None for row in rows for connection in row)


def pools(api: docker.APIClient) -> Iterator[HTTPConnectionPool]:
    for adapter in api.adapters.values():
        # docker-py itself keeps those of Unix sockets.
        manager = getattr(adapter, "poolmanager", None)
        for kept in (getattr(adapter, "pools", None), getattr(manager, "pools", None)):
            if kept is None:
                continue
            for key in kept.keys():  # noqa: SIM118  it is not iterable
                if (pool := kept.get(key)) is not None:
                    yield pool


def _trim(pool: HTTPConnectionPool, spare: int) -> None:
    rows = pool.pool
    if rows is None:
        return  # closed
    # Under the lock: a thread that finds the queue empty opens a connection that does
    # not fit into the pool later, and urllib3 warns about that.
    with rows.mutex:
        # The most recently used are last; None is a free slot.
        is_open = [connection for connection in rows.queue if connection is not None]
        surplus = is_open[: max(len(is_open) - spare, 0)]
        kept = is_open[len(surplus) :]
        rows.queue[:] = [None] * (len(rows.queue) - len(kept)) + kept
    for connection in surplus:
        connection.close()
