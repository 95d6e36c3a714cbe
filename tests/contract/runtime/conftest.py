"""The engines that sit the exam of the runtime's contract."""

from collections.abc import Iterator

import pytest

from tests import docker_engine
from tests.contract.runtime.lab import DockerLab, FakeLab, Lab


@pytest.fixture(
    scope="module", params=["fake", pytest.param("docker", marks=pytest.mark.docker)]
)
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """An engine of either kind; what the tests made on it is removed afterwards."""
    if request.param == "fake":
        yield FakeLab()
        return
    api = docker_engine.client()
    docker_engine.sweep(api)
    cluster = docker_engine.new_cluster()
    docker_lab = DockerLab(cluster)
    yield docker_lab
    docker_engine.remove_cluster(api, cluster)
    docker_lab.runtime.close()
    api.close()
