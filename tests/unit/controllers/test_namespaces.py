"""Namespaces that are being deleted."""

import pytest

from supervisor.model.meta import Object
from tests.unit.controllers.build import rc_object
from tests.unit.controllers.cluster import Cluster

RCS = "replicationcontrollers"


@pytest.fixture
def cluster() -> Cluster:
    """All controllers but those that need an agent, and a namespace with content."""
    made = Cluster("replication", "garbage-collector", "namespaces")
    body: Object = {"apiVersion": "v1", "kind": "Namespace"}
    made.api.create("namespaces", body | {"metadata": {"name": "shop"}})
    made.create(RCS, rc_object(2) | {"metadata": {"name": "kubia"}}, "shop")
    config: Object = {"apiVersion": "v1", "kind": "ConfigMap"}
    made.api.create("configmaps", config | {"metadata": {"name": "x"}}, "shop")
    made.settle()
    return made


def names(cluster: Cluster) -> list[str]:
    return [ns["metadata"]["name"] for ns in cluster.api.list("namespaces").items]


def test_a_deleted_namespace_goes_with_all_that_is_in_it(cluster: Cluster) -> None:
    """Pods without a node go at once, so nothing has to be waited for."""
    cluster.api.delete("namespaces", "shop")
    cluster.settle()

    assert "shop" not in names(cluster)
    for resource in (RCS, "pods", "configmaps", "events"):
        assert cluster.api.list(resource, "shop").items == []


def test_a_namespace_waits_for_its_pods_and_says_so(cluster: Cluster) -> None:
    """It is Terminating until the agents have confirmed the end of the pods."""
    for pod in cluster.pods("shop"):
        cluster.api.bind(pod["metadata"]["name"], "shop", "node")
    cluster.api.delete("namespaces", "shop")
    cluster.settle()
    namespace = cluster.api.get("namespaces", "shop")
    conditions = {c["type"]: c for c in namespace["status"]["conditions"]}
    assert namespace["status"]["phase"] == "Terminating"
    remaining = conditions["NamespaceContentRemaining"]
    assert (remaining["status"], remaining["message"]) == (
        "True",
        "Some resources are remaining: pods. has 2 resource instances",
    )
    assert conditions["NamespaceDeletionContentFailure"]["status"] == "False"

    cluster.remove_containers()
    cluster.settle()

    assert "shop" not in names(cluster)


def test_a_finalizer_holds_a_namespace_and_is_named(cluster: Cluster) -> None:
    """The user reads who has to act."""
    held = {"metadata": {"finalizers": ["example.com/hold"]}}
    cluster.api.patch("configmaps", "x", "shop", held)
    cluster.api.delete("namespaces", "shop")
    cluster.settle()
    namespace = cluster.api.get("namespaces", "shop")
    conditions = {c["type"]: c for c in namespace["status"]["conditions"]}
    assert conditions["NamespaceFinalizersRemaining"]["message"] == (
        "Some content in the namespace has finalizers remaining: "
        "example.com/hold in 1 resource instances"
    )

    cluster.api.patch("configmaps", "x", "shop", {"metadata": {"finalizers": None}})
    cluster.settle()

    assert "shop" not in names(cluster)


def test_a_living_namespace_is_left_alone(cluster: Cluster) -> None:
    """Deleting a pod in it does not touch the rest."""
    cluster.api.delete("pods", cluster.active()[0], "shop")
    cluster.settle()

    assert "shop" in names(cluster)
    assert cluster.api.get("configmaps", "x", "shop")


def test_waiting_conditions_do_not_change_while_nothing_does(cluster: Cluster) -> None:
    """A transition has one instant."""
    for pod in cluster.pods("shop"):
        cluster.api.bind(pod["metadata"]["name"], "shop", "node")
    cluster.api.delete("namespaces", "shop")
    cluster.settle()
    before = cluster.api.get("namespaces", "shop")["status"]

    cluster.advance(60)

    assert cluster.api.get("namespaces", "shop")["status"] == before
