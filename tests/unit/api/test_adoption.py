"""Adoption and removal of held pods."""

from typing import Any

import pytest

from supervisor.api.http import create_app
from supervisor.api.registry import Registry, checking
from supervisor.client.node import HeldPod
from supervisor.kinds.all import CATALOG
from supervisor.model import schema
from supervisor.model.errors import ApiError
from supervisor.model.lineage import Origin
from supervisor.model.meta import Object
from supervisor.store.sqlite.store import SqliteStore
from tests.damage import damage
from tests.fakes import manifests
from tests.fakes.asgi import Asgi
from tests.fakes.clock import FakeClock
from tests.fakes.node import FakeNode, FakeNodes

PATH = "/apis/supervisor.io/v1/adoptions"
UID = "6a1f6f6e-0000-4000-8000-000000000001"


def held(name: str = "web", *, manifest: bool = True, **meta: Any) -> HeldPod:
    """A pod held by the agent of node-1."""
    pod: Object = manifests.pod(name)
    pod["metadata"] |= {
        "namespace": "default",
        "uid": UID,
        "creationTimestamp": "2025-01-01T00:00:00Z",
    } | meta
    return HeldPod(
        uid=UID,
        namespace=str(pod["metadata"]["namespace"]),
        name=name,
        because="it was made from another store",
        manifest=pod if manifest else None,
        images={},
        sessions=frozenset({"theirs"}),
    )


@pytest.fixture
def node(registry: Registry) -> FakeNode:
    """node-1, on which tests hold pods."""
    body: Object = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}}
    registry.create("nodes", body)
    return FakeNode()


@pytest.fixture
def http(registry: Registry, clock: FakeClock, node: FakeNode) -> Asgi:
    """A client of an API with node-1."""
    app = create_app(registry, FakeNodes(node), ["sesame"], clock=clock)
    return Asgi(app, "sesame")


def outcomes(http: Asgi, body: Object) -> list[tuple[str, str]]:
    answer = http("POST", PATH, body)
    assert answer.code == 200, answer.body
    return [(i["outcome"], i["message"]) for i in answer.json["items"]]


def test_held_pods_are_listed(http: Asgi, node: FakeNode) -> None:
    """With node, pod and reason; listing changes nothing."""
    node.held = [held()]
    (item,) = http("GET", PATH).json["items"]
    assert (item["node"], item["namespace"], item["name"]) == (
        "node-1",
        "default",
        "web",
    )
    assert item["outcome"] == "held" and "another store" in item["message"]
    assert node.rechecks == 0


def test_an_adopted_pod_keeps_its_identity(
    http: Asgi, registry: Registry, node: FakeNode
) -> None:
    """uid, age and node are kept; its namespace is created if missing."""
    node.held = [held(namespace="shop", labels={"app": "web"})]

    assert outcomes(http, {}) == [("adopted", "")]

    meta = registry.get("pods", "web", "shop")["metadata"]
    assert (meta["uid"], meta["creationTimestamp"]) == (UID, "2025-01-01T00:00:00Z")
    assert meta["labels"] == {"app": "web"}
    assert meta["annotations"]["supervisor.io/adopted"] == "true"
    pod = registry.get("pods", "web", "shop")
    assert pod["spec"]["nodeName"] == "node-1"
    written = schema.as_written(pod, checking.schema_of(CATALOG.kind("pods")))
    assert pod == written, "what is always written is, as of any new pod"


def test_an_adopted_pod_drops_missing_owners(
    http: Asgi, registry: Registry, node: FakeNode
) -> None:
    """The garbage collector would delete it otherwise; existing owners are kept."""
    owner = registry.create(
        "configmaps",
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "there"}},
        "default",
    )
    there = {"apiVersion": "v1", "kind": "ConfigMap", "name": "there"}
    there["uid"] = owner["metadata"]["uid"]
    gone = {"apiVersion": "v1", "kind": "ReplicationController", "name": "rc"}
    gone["uid"] = "1"
    node.held = [held(ownerReferences=[gone, there])]

    outcomes(http, {})

    refs = registry.get("pods", "web", "default")["metadata"]["ownerReferences"]
    assert [ref["name"] for ref in refs] == ["there"]


def test_a_pod_that_cannot_be_adopted_remains_held(
    http: Asgi, registry: Registry, node: FakeNode
) -> None:
    """If its name is in use, or its container is of an earlier version."""
    registry.create("pods", manifests.pod("web"), "default")
    node.held = [held(), held("old", manifest=False)]

    (old, web) = outcomes(http, {})

    assert old[0] == "held" and "carries no manifest" in old[1]
    assert web[0] == "held" and 'pods "web" already exists' in web[1]


def test_adoption_repairs_a_damaged_pod(
    http: Asgi, registry: Registry, store: SqliteStore, node: FakeNode
) -> None:
    """The manifest of its sandbox replaces the damaged bytes."""
    registry.create("pods", manifests.pod("web"), "default")
    damage(store, "pods", "default", "web")
    node.held = [held()]

    assert outcomes(http, {}) == [("adopted", "")]

    assert registry.get("pods", "web", "default")["metadata"]["uid"] == UID
    assert store.damaged() == []


def test_accepting_the_loss_removes_held_pods(
    http: Asgi, store: SqliteStore, node: FakeNode
) -> None:
    """Nothing is created; the sessions are settled permanently."""
    node.held = [held()]

    assert outcomes(http, {"acceptLoss": True}) == [("removed", "")]

    assert store.list("pods").records == []
    assert store.lineage().includes(Origin("another", "theirs", 99))
    assert node.rechecks == 1


def test_unreachable_nodes_are_listed(
    http: Asgi, node: FakeNode, registry: Registry
) -> None:
    """Their pods are not changed."""
    node.refusal = ApiError(503, "ServiceUnavailable", "the engine is away")
    answer = http("POST", PATH, {}).json
    assert answer["items"] == []
    assert answer["silent"] == [{"node": "node-1", "message": "the engine is away"}]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"acceptloss": True}, "acceptloss: unknown field; allowed: acceptLoss"),
        ({"acceptLoss": "yes"}, "acceptLoss: 'yes' must be true or false"),
        (b"[", "the body is not a JSON object"),
    ],
)
def test_an_invalid_request_is_refused(http: Asgi, body: Any, text: str) -> None:
    """A mistake must not remove pods."""
    answer = http("POST", PATH, body)
    assert answer.code == 400 and text in answer.json["message"]


def test_a_read_only_store_refuses_writes(
    registry: Registry, clock: FakeClock, node: FakeNode
) -> None:
    """With the reason; reading and dry runs work."""
    app = create_app(
        registry,
        FakeNodes(node),
        ["sesame"],
        clock=clock,
        read_only_reason=lambda: "cannot write to the store /s/store.db: disk full",
    )
    http = Asgi(app, "sesame")
    maps = "/api/v1/namespaces/default/configmaps"
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}

    for answer in (
        http("POST", PATH, {}),
        http("POST", maps, body),
        http("PATCH", f"{maps}/a", {}, content_type="application/merge-patch+json"),
        http("DELETE", f"{maps}/a"),
    ):
        assert (answer.code, answer.json["reason"]) == (500, "InternalError")
        assert "/s/store.db: disk full" in answer.json["message"]
    assert http("GET", maps).code == 200
    assert http("POST", f"{maps}?dryRun=All", body).code == 201
