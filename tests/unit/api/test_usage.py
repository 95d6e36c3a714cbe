"""Usage of nodes and pods, as `kubectl top` reads it."""

from typing import Any

import pytest

from supervisor.api.http import create_app
from supervisor.api.registry import Registry
from supervisor.model.errors import unavailable
from supervisor.model.usage import Usage
from tests.fakes.asgi import Asgi
from tests.fakes.clock import FakeClock
from tests.fakes.node import FakeNode, FakeNodes

ROOT = "/apis/metrics.k8s.io/v1beta1"
PODS = f"{ROOT}/namespaces/default/pods"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


@pytest.fixture
def node() -> FakeNode:
    return FakeNode()


@pytest.fixture
def lost() -> FakeNode:
    made = FakeNode()
    made.refusal = unavailable("the engine does not answer")
    return made


@pytest.fixture
def http(registry: Registry, clock: FakeClock, node: FakeNode, lost: FakeNode) -> Asgi:
    for name in ("node-1", "node-2"):
        body = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
        registry.create("nodes", body)
    nodes = FakeNodes(node, **{"node-2": lost})
    return Asgi(create_app(registry, nodes, ["t"], clock=clock), "t")


def pod(registry: Registry, name: str, node: str, **labels: str) -> str:
    """Create a pod that is bound to a node; return its uid."""
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels},
        "spec": {"nodeName": node, "containers": [{"name": "app", "image": "img"}]},
    }
    uid: str = registry.create("pods", body, "default")["metadata"]["uid"]
    return uid


def test_usage_of_a_pod_is_that_of_its_containers(
    http: Asgi, registry: Registry, node: FakeNode, clock: FakeClock
) -> None:
    """In nanocores and KiB, with the pod's labels and the time it was measured."""
    uid = pod(registry, "web", "node-1", app="web")
    node.usage[uid] = {
        "side": Usage(0.0, 1 << 20, 1.0),
        "app": Usage(0.25, 64 << 20, 1.25),
    }

    found = http("GET", f"{PODS}/web").json

    assert found["kind"], found["apiVersion"] == (
        "PodMetrics",
        "metrics.k8s.io/v1beta1",
    )
    assert found["metadata"]["labels"] == {"app": "web"}
    assert found["window"] == "1.250s"
    assert found["containers"] == [
        {"name": "app", "usage": {"cpu": "250000000n", "memory": "65536Ki"}},
        {"name": "side", "usage": {"cpu": "0n", "memory": "1024Ki"}},
    ]


def test_pods_are_selected_by_namespace_and_labels(
    http: Asgi, registry: Registry, node: FakeNode
) -> None:
    """Pods that do not run, or whose node does not answer, are left out."""
    for name, at in (("web", "node-1"), ("db", "node-1"), ("far", "node-2")):
        uid = pod(registry, name, at, app=name)
        node.usage[uid] = {"app": Usage(0.1, 1 << 20, 1.0)}
    pod(registry, "ended", "node-1")

    def names(path: str) -> list[str]:
        return [i["metadata"]["name"] for i in http("GET", path).json["items"]]

    assert names(PODS) == ["db", "web"]
    assert names(f"{PODS}?labelSelector=app%3Dweb") == ["web"]
    assert names(f"{ROOT}/pods?fieldSelector=metadata.name%3Ddb") == ["db"]
    assert names(f"{ROOT}/namespaces/other/pods") == []


def test_usage_of_nodes_is_that_of_their_machines(http: Asgi) -> None:
    """A node that does not answer is left out."""
    [found] = http("GET", f"{ROOT}/nodes").json["items"]

    assert found["metadata"]["name"] == "node-1"
    assert found["usage"] == {"cpu": "1500000000n", "memory": "2097152Ki"}


def test_what_has_no_usage_is_not_found(http: Asgi, registry: Registry) -> None:
    """In the words of metrics-server."""
    pod(registry, "web", "node-1")

    def refusal(path: str) -> tuple[int, str]:
        answer = http("GET", path)
        return answer.code, answer.json["message"]

    text = 'podmetrics.metrics.k8s.io "default/web" not found'
    assert refusal(f"{PODS}/web") == (404, text)
    text = 'nodemetrics.metrics.k8s.io "node-2" not found'
    assert refusal(f"{ROOT}/nodes/node-2") == (404, text)
    assert refusal(f"{PODS}/none") == (404, 'pods "none" not found')


def test_usage_can_only_be_read(http: Asgi) -> None:
    """Neither written nor watched; other paths are unknown."""
    assert http("POST", PODS, {}).code == 405
    assert http("GET", f"{PODS}?watch=true").code == 405
    assert http("GET", f"{ROOT}/containers").code == 404


def test_usage_is_shown_as_a_table(
    http: Asgi, registry: Registry, node: FakeNode
) -> None:
    """A row has the sum of a pod's containers."""
    uid = pod(registry, "web", "node-1")
    usage = Usage(0.25, 1 << 20, 1.0)
    node.usage[uid] = {"a": usage, "b": usage}

    table = http("GET", PODS, accept=TABLE).json

    assert [c["name"] for c in table["columnDefinitions"]] == [
        "Name",
        "cpu",
        "memory",
        "Window",
    ]
    assert [row["cells"] for row in table["rows"]] == [["web", "500m", "2Mi", "1.000s"]]


def test_discovery_announces_usage(http: Asgi) -> None:
    """Clients look for the group before they ask."""
    listed = http("GET", ROOT).json["resources"]

    assert {r["kind"]: r["verbs"] for r in listed} == {
        "NodeMetrics": ["get", "list"],
        "PodMetrics": ["get", "list"],
    }
