"""The real engine, for tests in this folder."""

from collections.abc import Iterator

import pytest

from tests import docker_engine
from tests.contract.runtime.lab import DockerLab
from tests.integration.runtime.engine import Engine


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """A runtime on the real engine; all that it made is removed afterwards."""
    api = docker_engine.client()
    docker_engine.sweep(api)
    cluster = docker_engine.new_cluster()
    lab = DockerLab(cluster)
    yield Engine(lab, api, cluster)
    docker_engine.remove_cluster(api, cluster)
    lab.runtime.close()
    api.close()
