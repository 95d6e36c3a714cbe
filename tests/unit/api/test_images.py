"""Images of all nodes: listing and copying."""

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
    """Three nodes, a, b and c, without images."""

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

    def summary(self, **body: Any) -> list[str]:
        """A short form of each event of a push."""
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
    """The source is found automatically."""
    cluster.nodes["b"].engine.add_image("kubia")

    assert cluster.summary(image="kubia") == [
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
    """Only these receive it, each once."""
    cluster.nodes["a"].engine.add_image("kubia:v2")

    summary = cluster.summary(image="kubia:v2", **{"from": "a", "to": ["c", "c"]})

    assert summary[0] == "Begin kubia:v2 a to c"
    assert cluster.having("kubia:v2") == ["a", "c"]


def test_existing_images_are_not_sent_again(cluster: Cluster) -> None:
    """The second push reports it."""
    cluster.nodes["a"].engine.add_image("kubia")
    cluster.summary(image="kubia", to=["b"])

    summary = cluster.summary(image="kubia", to=["b"])

    assert summary == ["Begin kubia a to b", "Present b", "End"]


def test_an_unreachable_node_does_not_stop_the_push(cluster: Cluster) -> None:
    """It is reported by name, and in the last event."""
    cluster.nodes["a"].engine.add_image("kubia")
    cluster.lose("b")

    summary = cluster.summary(image="kubia")

    assert summary[1] == "Failed b"
    assert summary[-1] == "End b"
    assert cluster.nodes["c"].image("kubia")


def test_of_different_images_the_newest_is_pushed(cluster: Cluster) -> None:
    """Unless `from` is given."""
    cluster.nodes["a"].engine.add_image("kubia")
    cluster.nodes["b"].engine.add_image("other")
    cluster.nodes["b"].clock.advance(60)
    cluster.nodes["b"].engine.add_image("kubia")

    assert cluster.summary(image="kubia", to=["c"])[0] == "Begin kubia b to c"
    assert cluster.summary(image="kubia", **{"from": "a", "to": ["c"]}) == [
        "Begin kubia a to c",
        "Progress c",
        "Loading c",
        "Pushed c",
        "End",
    ]


def test_an_unknown_image_is_refused(cluster: Cluster) -> None:
    """The error lists the nodes that have responded and those that have not."""
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
def test_an_invalid_push_is_refused(cluster: Cluster, body: Any, text: str) -> None:
    """With 422, the field and the reason."""
    cluster.nodes["a"].engine.add_image("kubia")

    refused = cluster.push(**body)

    assert refused.code == 422
    assert text in refused.json["message"]


def test_unknown_nodes_and_other_methods_are_refused(cluster: Cluster) -> None:
    """With a Status; malformed JSON, too."""
    cluster.nodes["a"].engine.add_image("kubia")

    assert cluster.push(image="kubia", to=["z"]).json["message"] == (
        'nodes "z" not found'
    )
    assert cluster.http("DELETE", IMAGES).code == 405
    assert cluster.http("POST", IMAGES, b"{").code == 400
    assert cluster.http("POST", IMAGES, b"[1]").code == 400


def test_images_are_listed_by_node(cluster: Cluster) -> None:
    """For all or some nodes; unreachable ones are listed."""
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
    """The current node gets nothing, and the next is not started."""
    cluster.nodes["a"].engine.add_image("kubia")
    image = cluster.nodes["a"].image("kubia")
    assert image is not None
    summary: list[str] = []

    def report(line: dict[str, Any]) -> None:
        summary.append(_short(line))
        if line["type"] == "Progress":
            pusher.cancel()

    push = Push("kubia", image, "a", ("b", "c"))
    directory = FakeNodes(FakeNode(), **cluster.nodes)
    pusher = Pusher(push, directory, clock, report)
    pusher.run()

    assert summary[:2] == ["Begin kubia a to b c", "Progress b"]
    assert cluster.having("kubia") == ["a"]
    assert not any(
        line.startswith("End") or line.endswith(" c") for line in summary[1:]
    )
