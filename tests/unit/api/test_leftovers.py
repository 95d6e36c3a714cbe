"""Leftovers on the engines of all nodes."""

from supervisor.api.http import create_app
from supervisor.api.registry import Registry
from supervisor.client.node import NodeLeftover
from supervisor.model.errors import unavailable
from tests.fakes.asgi import Asgi
from tests.fakes.clock import FakeClock
from tests.fakes.node import FakeNode, FakeNodes

PATH = "/apis/supervisor.io/v1/leftovers"


def test_leftovers_are_listed_by_node(registry: Registry, clock: FakeClock) -> None:
    """Unreachable nodes are listed; other methods are refused."""
    nodes = {name: FakeNode() for name in "ab"}
    for name in nodes:
        body = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
        registry.create("nodes", body)
    nodes["a"].left = [NodeLeftover("volume", "v1", "default/web", "gone", True)]
    nodes["b"].refusal = unavailable("the engine does not answer")
    app = create_app(registry, FakeNodes(FakeNode(), **nodes), ["t"], clock=clock)
    http = Asgi(app, "t")

    answer = http("GET", PATH).json

    assert answer["items"] == [
        {
            "node": "a",
            "type": "volume",
            "name": "v1",
            "pod": "default/web",
            "reason": "gone",
            "isRemoved": True,
        }
    ]
    assert answer["silent"] == [{"node": "b", "message": "the engine does not answer"}]
    assert http("POST", PATH, {}).code == 405
