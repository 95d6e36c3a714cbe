"""What `supervisor doctor` finds on the engines of all nodes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.cli.root import run
from supervisor.client.node import NodeLeftover
from supervisor.kinds.identity import ENGINE
from supervisor.model.errors import unavailable
from supervisor.model.meta import Object
from tests.api_server import ApiServer, serving

GONE = "the API knows no such pod"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """An API with one node."""
    with serving(tmp_path) as made:
        node: Object = {"apiVersion": "v1", "kind": "Node"}
        made.registry.create("nodes", node | {"metadata": {"name": "node-1"}})
        monkeypatch.setenv("KUBECONFIG", str(made.kubeconfig))
        yield made


def engine(server: ApiServer, phase: str, message: str = "") -> None:
    body: Object = {
        "apiVersion": "supervisor.io/v1",
        "kind": "Engine",
        "metadata": {"name": "node-1"},
        "spec": {"endpoint": "unix:///node-1"},
    }
    server.registry.create(ENGINE.resource, body)
    status = {"status": {"phase": phase, "message": message}}
    server.registry.patch(ENGINE.resource, "node-1", "", status, subresource="status")


def doctor(capfd: pytest.CaptureFixture[str]) -> list[str]:
    """Its lines about engines and leftovers, without the spaces of the table."""
    run(["doctor", "--engine", "unix:///nowhere/docker.sock"])
    lines = [" ".join(line.split()) for line in capfd.readouterr().out.splitlines()]
    return [line for line in lines if line.split()[1] in ("engines", "leftovers")]


def test_engines_in_order_have_nothing_left_over(
    server: ApiServer, capfd: pytest.CaptureFixture[str]
) -> None:
    """One line each."""
    engine(server, "Connected")

    assert doctor(capfd) == [
        "ok engines 1 connected",
        "ok leftovers none on any node's engine",
    ]


def test_what_is_left_over_is_counted_by_who_removes_it(
    server: ApiServer, capfd: pytest.CaptureFixture[str]
) -> None:
    """Containers, volumes and networks, of every node."""
    engine(server, "Connected")
    other = 'it belongs to node "old", and this engine is node "node-1"'
    server.node.left = [
        NodeLeftover("volume", "v1", "default/web", GONE, True),
        NodeLeftover("volume", "v2", "default/web", GONE, True),
        NodeLeftover("network", "w1", "", "it belongs to no pod", True),
        NodeLeftover("container", "c1", "default/web", other, False),
    ]

    assert doctor(capfd)[1:] == [
        f"warn leftovers 1 network, 2 volumes: v1 on node-1 ({GONE}), v2 on node-1 "
        f"({GONE}), w1 on node-1 (it belongs to no pod)",
        f"warn leftovers 1 container: c1 on node-1 ({other})",
    ]


def test_an_engine_that_is_not_connected_fails(
    server: ApiServer, capfd: pytest.CaptureFixture[str]
) -> None:
    """With its reason; what is left there is not known."""
    engine(server, "Refused", "it is too old")
    server.node.refusal = unavailable("no agent of it is connected")

    assert doctor(capfd) == [
        "fail engines node-1 is Refused: it is too old",
        "warn leftovers node-1 was not checked: no agent of it is connected",
    ]
