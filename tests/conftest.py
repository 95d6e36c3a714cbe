"""Fixtures that all tests share. What a fixture starts is gone when its scope ends."""

import uuid
from collections.abc import Iterator

import pytest

from supervisor.client.base import DeleteOptions
from tests.daemon import Daemon, running, sweep

#: Each of these starts Docker hosts.
_SEVERAL_HOSTS = (
    "tests/nodes/",
    "tests/contract/test_lab",
    "tests/integration/engines/",
    "tests/integration/reach/",
    "tests/integration/test_two_engines",
    "tests/integration/runtime/test_tls",
)
#: The contract's exam of an engine that has a host of its own.
_ON_A_HOST_OF_ITS_OWN = "[tls]"
#: These watch what a lab leaves behind on the machine.
_WATCHES_THE_MACHINE = "tests/systemd/"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("several Docker hosts")
    group.addoption("--only-hosts", action="store_true", help="run these tests alone")


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Have one worker run a whole file, and one worker all that starts machines.

    Two cores have room for one set of hosts beside everything else. That worker begins
    with them: it has the most to do.
    """
    hosts, others = list[pytest.Item](), list[pytest.Item]()
    for item in items:
        file = item.nodeid.partition("::")[0]
        of_hosts = file.startswith(_SEVERAL_HOSTS)
        of_hosts |= item.nodeid.endswith(_ON_A_HOST_OF_ITS_OWN)
        if config.pluginmanager.hasplugin("xdist"):
            machines = of_hosts or file.startswith(_WATCHES_THE_MACHINE)
            item.add_marker(pytest.mark.xdist_group("machines" if machines else file))
        (hosts if of_hosts else others).append(item)
    if config.getoption("only_hosts"):
        config.hook.pytest_deselected(items=others)
        others = []
    items[:] = hosts + others


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One real daemon on the machine's Docker engine, for the whole session."""
    sweep()
    with running(tmp_path_factory.mktemp("daemon")) as started:
        yield started


@pytest.fixture
def own_daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A real daemon that the test may stop, kill and start again."""
    sweep()
    made = Daemon(tmp_path_factory.mktemp("daemon"))
    try:
        yield made.start()
    finally:
        made.close()


@pytest.fixture
def namespace(daemon: Daemon) -> Iterator[str]:
    """An empty namespace of the test's own."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    daemon.client.create("namespaces", body)
    yield name
    # Nobody waits for graces: the pods' containers go at once.
    for resource in ("replicationcontrollers", "pods"):
        daemon.client.delete_collection(
            resource,
            name,
            options=DeleteOptions(
                grace_period_seconds=0 if resource == "pods" else None,
                propagation_policy="Background",
            ),
        )
    daemon.client.delete("namespaces", name)
