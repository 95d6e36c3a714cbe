"""The connections that docker-py keeps for further calls: closed again after a burst.

urllib3 keeps as many open as were ever needed at once, and never lets one go. Over a
Unix socket docker-py has a pool for each of the last 25 URLs, otherwise one for all.
"""

from collections.abc import Iterator

import docker
from urllib3 import HTTPConnectionPool

SPARE = 4
"""How many stay open."""


def trim(api: docker.APIClient) -> None:
    """Close the connections that nobody uses at present, all but a few."""
    found = sorted(pools(api), key=lambda pool: -pool.num_requests)
    for place, pool in enumerate(found):
        # Those that are asked often; the URL of a container is hardly asked twice.
        _trim(pool, SPARE // min(len(found), SPARE) if place < SPARE else 0)


def idle(api: docker.APIClient) -> int:
    """How many connections are open and not in use."""
    rows = [pool.pool.queue for pool in pools(api) if pool.pool is not None]
    return sum(connection is not None for row in rows for connection in row)


def pools(api: docker.APIClient) -> Iterator[HTTPConnectionPool]:
    for adapter in api.adapters.values():
        # docker-py keeps those of Unix sockets itself.
        manager = getattr(adapter, "poolmanager", None)
        for kept in (getattr(adapter, "pools", None), getattr(manager, "pools", None)):
            if kept is None:
                continue
            for key in kept.keys():  # noqa: SIM118  it refuses to be iterated over
                if (pool := kept.get(key)) is not None:
                    yield pool


def _trim(pool: HTTPConnectionPool, spare: int) -> None:
    rows = pool.pool
    if rows is None:
        return  # closed
    # In one step: whoever finds no row opens a connection for which there is no room
    # later, and urllib3 warns of that.
    with rows.mutex:
        # The latest used come last; None stands for a connection that is not open.
        is_open = [connection for connection in rows.queue if connection is not None]
        surplus = is_open[: max(len(is_open) - spare, 0)]
        kept = is_open[len(surplus) :]
        rows.queue[:] = [None] * (len(rows.queue) - len(kept)) + kept
    for connection in surplus:
        connection.close()
