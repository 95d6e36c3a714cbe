"""Controllers among damaged objects: what cannot be read is not gone."""

from supervisor.model.meta import Object
from tests.damage import damage
from tests.unit.controllers.cluster import Cluster


def pod(name: str, *, owner: Object | None = None, node: str = "") -> Object:
    meta: Object = {"name": name, "namespace": "default"}
    if owner is not None:
        of = owner["metadata"]
        kind = {"apiVersion": "v1", "kind": owner["kind"]}
        meta["ownerReferences"] = [kind | {"name": of["name"], "uid": of["uid"]}]
    spec: Object = {"containers": [{"name": "main", "image": "img"}]}
    if node:
        spec["nodeName"] = node
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def test_the_garbage_collector_goes_on_beside_a_damaged_object() -> None:
    """Dependents of a damaged owner stay; those of one that is gone are collected."""
    cluster = Cluster("garbage-collector")
    owners = [
        cluster.api.create(
            "configmaps",
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}},
            "default",
        )
        for name in ("damaged", "gone")
    ]
    cluster.api.create("pods", pod("stays", owner=owners[0]))
    cluster.api.create("pods", pod("goes", owner=owners[1]))
    cluster.api.create("pods", pod("unreadable"))
    damage(cluster.store, "configmaps", "default", "damaged")
    damage(cluster.store, "pods", "default", "unreadable")
    cluster.api.delete("configmaps", "gone", "default")
    cluster.restart()
    cluster.settle()

    left = [p["metadata"]["name"] for p in cluster.api.list("pods").items]
    going = [
        p["metadata"]["name"]
        for p in cluster.api.list("pods").items
        if "deletionTimestamp" in p["metadata"]
    ]
    assert "stays" in left and "stays" not in going
    assert "goes" in going or "goes" not in left


def test_pods_of_a_damaged_node_are_not_removed() -> None:
    """Its object cannot be read; that is no lost node."""
    cluster = Cluster("pod-gc")
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}
    cluster.api.create("nodes", node)
    cluster.api.create("pods", pod("stays", node="n1"))
    damage(cluster.store, "nodes", "", "n1")

    cluster.advance(200)

    assert [p["metadata"]["name"] for p in cluster.api.list("pods").items] == ["stays"]


def test_a_damaged_event_is_removed() -> None:
    """Nobody misses what it has told, and it would never expire."""
    cluster = Cluster("event-expiry")
    body: Object = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "e", "namespace": "default"},
        "involvedObject": {"kind": "Pod", "namespace": "default", "name": "web"},
    }
    cluster.api.create("events", body, "default")
    damage(cluster.store, "events", "default", "e")

    cluster.settle()

    assert cluster.store.damaged() == []


def test_a_namespace_goes_with_what_is_damaged_in_it() -> None:
    """Its name would otherwise stay for ever."""
    cluster = Cluster("namespaces")
    cluster.api.create(
        "namespaces",
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}},
    )
    body: Object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    cluster.api.create("configmaps", body, "n")
    damage(cluster.store, "configmaps", "n", "c")

    cluster.api.delete("namespaces", "n")
    cluster.advance(60)

    assert cluster.store.damaged() == []
    names = [n["metadata"]["name"] for n in cluster.api.list("namespaces").items]
    assert "n" not in names
