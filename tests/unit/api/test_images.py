"""Images of all nodes: listing them, and copying one from node to node."""

import json
from typing import Any

import pytest

from supervisor.api.http import create_app
from supervisor.api.image_push import Push, Pusher
from supervisor.api.registry import Registry
from supervisor.model.errors import unavailable
from tests.fakes.asgi import Answer, Asgi
from tests.fakes.clock import FakeClock
from tests.fakes.node import FakeNode, FakeNodes

IMAGES = "/apis/supervisor.io/v1/images"


class Cluster:
    """Three nodes, a, b and c, of which none has an image."""

    def __init__(self, registry: Registry, clock: FakeClock) -> None:
        self.nodes = {name: FakeNode() for name in "abc"}
        for name in self.nodes:
            body = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
            registry.create("nodes", body)
        directory = FakeNodes(FakeNode(), **self.nodes)
        app = create_app(registry, directory, ["sesame"], clock=clock)
        self.http = Asgi(app, "sesame")

    def push(self, **body: Any) -> Answer:
        return self.http("POST", IMAGES, body)

    def told(self, **body: Any) -> list[str]:
        """Each line of a push in short."""
        answer = self.push(**body)
        assert answer.code == 200, answer.body
        lines = [json.loads(line) for line in answer.body.splitlines()]
        return [_short(line) for line in lines]

    def having(self, name: str) -> list[str]:
        return [n for n, node in self.nodes.items() if node.image(name)]

    def lose(self, name: str) -> None:
        self.nodes[name].refusal = unavailable("the engine does not answer")


def _short(line: dict[str, Any]) -> str:
    match line["type"]:
        case "Begin":
            return f"Begin {line['image']} {line['from']} to {' '.join(line['to'])}"
        case "End":
            return f"End {' '.join(line['failed'])}".strip()
        case kind:
            return f"{kind} {line['node']}"


@pytest.fixture
def cluster(registry: Registry, clock: FakeClock) -> Cluster:
    """Nodes a, b and c."""
    return Cluster(registry, clock)


def test_a_push_goes_to_every_other_node(cluster: Cluster) -> None:
    """The node that has the image is found out."""
    cluster.nodes["b"].engine.add_image("kubia")

    assert cluster.told(image="kubia") == [
        "Begin kubia b to a c",
        "Progress a",
        "Loading a",
        "Pushed a",
        "Progress c",
        "Loading c",
        "Pushed c",
        "End",
    ]
    assert cluster.having("kubia") == ["a", "b", "c"]


def test_a_push_may_name_its_nodes(cluster: Cluster) -> None:
    """Others get nothing; each named one gets it once."""
    cluster.nodes["a"].engine.add_image("kubia:v2")

    told = cluster.told(image="kubia:v2", **{"from": "a", "to": ["c", "c"]})

    assert told[0] == "Begin kubia:v2 a to c"
    assert cluster.having("kubia:v2") == ["a", "c"]


def test_what_a_node_has_is_not_sent_again(cluster: Cluster) -> None:
    """The second push says so."""
    cluster.nodes["a"].engine.add_image("kubia")
    cluster.told(image="kubia", to=["b"])

    told = cluster.told(image="kubia", to=["b"])

    assert told == ["Begin kubia a to b", "Present b", "End"]


def test_a_node_that_is_away_does_not_keep_the_others(cluster: Cluster) -> None:
    """It is told of by name, and again at the end."""
    cluster.nodes["a"].engine.add_image("kubia")
    cluster.lose("b")

    told = cluster.told(image="kubia")

    assert told[1] == "Failed b"
    assert told[-1] == "End b"
    assert cluster.nodes["c"].image("kubia")


def test_of_different_images_the_newest_is_pushed(cluster: Cluster) -> None:
    """One that was built again replaces the old ones; `from` may say otherwise."""
    cluster.nodes["a"].engine.add_image("kubia")
    cluster.nodes["b"].engine.add_image("other")
    cluster.nodes["b"].clock.advance(60)
    cluster.nodes["b"].engine.add_image("kubia")

    assert cluster.told(image="kubia", to=["c"])[0] == "Begin kubia b to c"
    assert cluster.told(image="kubia", **{"from": "a", "to": ["c"]}) == [
        "Begin kubia a to c",
        "Progress c",
        "Loading c",
        "Pushed c",
        "End",
    ]


def test_an_unknown_image_is_refused(cluster: Cluster) -> None:
    """The nodes that were asked are named, and those that have not answered."""
    cluster.lose("b")

    refused = cluster.push(image="kubia")

    assert (refused.code, refused.json["reason"]) == (404, "NotFound")
    assert refused.json["message"] == (
        'image "kubia" not found on a, c; no answer from b (the engine does not answer)'
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "image: Required value"),
        ({"image": "Not Valid"}, 'image: Invalid value: "Not Valid"'),
        ({"image": f"kubia@sha256:{'0' * 64}"}, "cannot be pushed by digest"),
        ({"image": "kubia", "to": "a"}, "to: Invalid value"),
        ({"image": "kubia", "from": 1}, "from: Invalid value"),
        ({"image": "kubia", "nodes": ["a"]}, "nodes: Invalid value"),
        ({"image": "kubia", "from": "a", "to": ["a"]}, "is the source of the image"),
    ],
)
def test_a_bad_push_is_refused(cluster: Cluster, body: Any, text: str) -> None:
    """422, with the field and what is wrong with it."""
    cluster.nodes["a"].engine.add_image("kubia")

    refused = cluster.push(**body)

    assert refused.code == 422
    assert text in refused.json["message"]


def test_unknown_nodes_and_other_methods_are_refused(cluster: Cluster) -> None:
    """With a Status each; what is no JSON, too."""
    cluster.nodes["a"].engine.add_image("kubia")

    assert cluster.push(image="kubia", to=["z"]).json["message"] == (
        'nodes "z" not found'
    )
    assert cluster.http("DELETE", IMAGES).code == 405
    assert cluster.http("POST", IMAGES, b"{").code == 400
    assert cluster.http("POST", IMAGES, b"[1]").code == 400


def test_images_are_listed_by_node(cluster: Cluster) -> None:
    """Of all nodes, or of some; those that are away are fields to be."""
    cluster.nodes["a"].engine.add_image("kubia", size_bytes=5)
    cluster.lose("c")

    answer = cluster.http("GET", IMAGES).json
    only = cluster.http("GET", f"{IMAGES}?node=b").json

    assert [(i["node"], i["names"], i["sizeBytes"]) for i in answer["items"]] == [
        ("a", ["kubia:latest"], 5)
    ]
    assert answer["silent"] == [{"node": "c", "message": "the engine does not answer"}]
    assert (only["items"], only["silent"]) == ([], [])


def test_a_cancelled_push_ends_early(cluster: Cluster, clock: FakeClock) -> None:
    """The node under way has nothing, and the next one is not begun with."""
    cluster.nodes["a"].engine.add_image("kubia")
    image = cluster.nodes["a"].image("kubia")
    assert image is not None
    told: list[str] = []

    def report(line: dict[str, Any]) -> None:
        told.append(_short(line))
        if line["type"] == "Progress":
            pusher.cancel()

    push = Push("kubia", image, "a", ("b", "c"))
    directory = FakeNodes(FakeNode(), **cluster.nodes)
    pusher = Pusher(push, directory, clock, report)
    pusher.run()

    assert told[:2] == ["Begin kubia a to b c", "Progress b"]
    assert cluster.having("kubia") == ["a"]
    assert not any(line.startswith("End") or line.endswith(" c") for line in told[1:])
