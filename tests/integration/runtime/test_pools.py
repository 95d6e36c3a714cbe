"""Connections to the engine, after many calls at once."""

import threading

import pytest

from supervisor.model.endpoint import parse
from supervisor.runtime.docker.connection import pools
from supervisor.runtime.docker.connection.client import EngineClient

pytestmark = pytest.mark.docker

CALLERS = 24


@pytest.fixture
def engine() -> EngineClient:
    return EngineClient(parse("unix:///var/run/docker.sock"), 10)


def call_at_once(engine: EngineClient) -> None:
    """Each caller has a connection while all others have one."""
    together, failures = threading.Barrier(CALLERS), list[BaseException]()
    engine.api.ping()

    def call() -> None:
        try:
            answer = engine.api._get(engine.api._url("/version"), stream=True)
            together.wait(10)
            answer.content  # noqa: B018  read to its end, which gives it back
        except BaseException as error:  # noqa: BLE001  shown below
            failures.append(error)

    threads = [threading.Thread(target=call) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not failures


def test_connections_of_a_burst_are_closed(engine: EngineClient) -> None:
    """A few stay open, and calls go on as before, in a burst too."""
    call_at_once(engine)
    api = engine.api
    assert pools.idle(api) >= CALLERS - 2

    engine.trim()

    assert pools.idle(api) <= pools.SPARE
    call_at_once(engine)
    engine.close()
