"""The engines that the contract of the runtime is tested on."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests import docker_engine, sshd
from tests.contract.runtime.lab import DockerLab, FakeLab, Lab, tls_lab
from tests.lab.fixtures import engine_behind_tls
from tests.sshd import Sshd

_REAL = ("docker", "ssh", "tls")


@pytest.fixture(
    scope="module",
    params=["fake", *(pytest.param(p, marks=pytest.mark.docker) for p in _REAL)],
)
def lab(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    """An engine of each kind; what the tests made on it is removed afterwards."""
    if request.param == "fake":
        yield FakeLab()
        return
    with ExitStack() as stack:
        api = docker_engine.client()
        stack.callback(api.close)
        docker_engine.sweep(api)
        cluster = docker_engine.new_cluster()
        stack.callback(docker_engine.remove_cluster, api, cluster)
        if request.param == "ssh":
            server = Sshd(tmp_path_factory.mktemp("sshd"))
            stack.callback(server.stop)
            config = server.config()
            lab = DockerLab(cluster, f"ssh://{sshd.NAME}", ssh_config=config)
        elif request.param == "tls":
            shell = docker_engine.bring_shell()
            lab = tls_lab(cluster, stack.enter_context(engine_behind_tls(shell)))
        else:
            lab = DockerLab(cluster)
        stack.callback(lab.runtime.close)
        yield lab
