"""An sshd in front of the machine's engine, and the engine behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.runtime.base import EngineUnavailable
from supervisor.runtime.docker.runtime import DockerRuntime
from tests.integration.reach.servers import Asking
from tests.sshd import NAME, Sshd


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    server = Sshd(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def runtime(sshd: Sshd) -> Iterator[DockerRuntime]:
    """The machine's engine over ssh. Nothing is made on it."""
    made = over(sshd)
    yield made
    made.close()


@pytest.fixture
def asking(runtime: DockerRuntime) -> Iterator[Asking]:
    made = Asking(runtime)
    yield made
    made.close()


def over(sshd: Sshd, path: str = "", *, key: str = "client") -> DockerRuntime:
    return DockerRuntime(
        f"ssh://{NAME}{path}",
        cluster="none",
        node="n",
        ssh_config=sshd.config(key=key),
    )


def is_up(runtime: DockerRuntime) -> bool:
    try:
        runtime.ping()
    except EngineUnavailable:
        return False
    return True
