"""What becomes of objects whose owners go."""

import pytest

from supervisor.client.base import DeleteOptions
from supervisor.model.meta import Object
from tests.unit.controllers.build import LABELS, pod_object, rc_object
from tests.unit.controllers.cluster import Cluster

RCS = "replicationcontrollers"


@pytest.fixture
def cluster() -> Cluster:
    """ReplicationControllers and the garbage collector, as in the daemon."""
    return Cluster("replication", "garbage-collector")


def config(name: str, *owners: Object, namespace: str = "default") -> Object:
    """A ConfigMap that is owned."""
    refs = [
        {
            "apiVersion": owner["apiVersion"],
            "kind": owner["kind"],
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
            "blockOwnerDeletion": owner.get("blocked", False),
        }
        for owner in owners
    ]
    meta = {"name": name, "namespace": namespace, "ownerReferences": refs}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta}


def delete(cluster: Cluster, name: str, policy: str, resource: str = RCS) -> None:
    options = DeleteOptions(propagation_policy=policy)
    cluster.api.delete(resource, name, "default", options)
    cluster.settle()


def names(cluster: Cluster, resource: str) -> list[str]:
    return [
        obj["metadata"]["name"] for obj in cluster.api.list(resource, "default").items
    ]


def test_background_deletion_takes_the_owner_at_once_and_then_its_pods(
    cluster: Cluster,
) -> None:
    """The pods go because their owner is gone."""
    cluster.create(RCS, rc_object(3), "default")
    cluster.settle()

    delete(cluster, "kubia", "Background")

    assert names(cluster, RCS) == []
    assert cluster.active() == []


def test_foreground_deletion_keeps_the_owner_until_its_pods_are_gone(
    cluster: Cluster,
) -> None:
    """The owner waits for pods that still terminate."""
    cluster.create(RCS, rc_object(2), "default")
    cluster.settle()
    for pod in cluster.pods():
        cluster.api.bind(pod["metadata"]["name"], "default", "node")

    delete(cluster, "kubia", "Foreground")
    assert names(cluster, RCS) == ["kubia"]
    assert len(cluster.pods()) == 2
    assert cluster.active() == []
    cluster.remove_containers()
    cluster.settle()

    assert names(cluster, RCS) == []
    assert cluster.pods() == []


@pytest.mark.parametrize("policy", ["Orphan", None])
def test_orphaning_leaves_the_pods_and_a_new_controller_adopts_them(
    cluster: Cluster, policy: str | None
) -> None:
    """Also what a raw deletion of a ReplicationController does that names no policy."""
    cluster.create(RCS, rc_object(2), "default")
    cluster.settle()
    before = cluster.active()
    options = DeleteOptions(propagation_policy=policy)
    cluster.api.delete(RCS, "kubia", "default", options)
    cluster.settle()
    assert names(cluster, RCS) == []
    assert cluster.active() == before
    assert not any(pod["metadata"].get("ownerReferences") for pod in cluster.pods())

    rc = cluster.create(RCS, rc_object(2), "default")
    cluster.settle()

    assert cluster.active() == before
    owners = [pod["metadata"]["ownerReferences"][0] for pod in cluster.pods()]
    assert {owner["uid"] for owner in owners} == {rc["metadata"]["uid"]}


def test_a_pod_whose_owner_never_existed_is_collected(cluster: Cluster) -> None:
    """A namesake of the owner with another uid does not save it."""
    cluster.create(RCS, rc_object(0, selector={"app": "other"}), "default")
    lost = pod_object("lost", owned_by="no-such-uid", labels=LABELS, node="")
    lost["metadata"].pop("uid")
    lost["spec"]["containers"][0]["image"] = "luksa/kubia"
    cluster.api.create("pods", lost, "default")

    cluster.settle()

    assert cluster.pods() == []


def test_what_has_another_living_owner_loses_only_the_dead_reference(
    cluster: Cluster,
) -> None:
    """One living owner is enough to stay."""
    one = cluster.api.create("configmaps", config("one"))
    two = cluster.api.create("configmaps", config("two"))
    cluster.api.create("configmaps", config("shared", one, two))
    cluster.settle()

    delete(cluster, "one", "Background", "configmaps")

    assert names(cluster, "configmaps") == ["shared", "two"]
    shared = cluster.api.get("configmaps", "shared", "default")
    refs = shared["metadata"]["ownerReferences"]
    assert [ref["name"] for ref in refs] == ["two"]


def test_dependents_of_dependents_go_too(cluster: Cluster) -> None:
    """Down to the last."""
    root = cluster.api.create("configmaps", config("root"))
    middle = cluster.api.create("configmaps", config("middle", root))
    cluster.api.create("configmaps", config("leaf", middle))
    cluster.settle()

    delete(cluster, "root", "Background", "configmaps")

    assert names(cluster, "configmaps") == []


def test_foreground_deletion_goes_through_all_generations(cluster: Cluster) -> None:
    """A blocking dependent with dependents of its own waits for them in turn."""
    root = cluster.api.create("configmaps", config("root"))
    middle = cluster.api.create(
        "configmaps", config("middle", root | {"blocked": True})
    )
    cluster.api.create("configmaps", config("leaf", middle | {"blocked": True}))
    cluster.settle()

    delete(cluster, "root", "Foreground", "configmaps")

    assert names(cluster, "configmaps") == []


def test_a_circle_of_owners_does_not_hold_a_deletion(cluster: Cluster) -> None:
    """Each waits for the other, and still both go."""
    one = cluster.api.create("configmaps", config("one"))
    two = cluster.api.create("configmaps", config("two", one | {"blocked": True}))
    refs = config("x", two | {"blocked": True})["metadata"]["ownerReferences"]
    patch = {"metadata": {"ownerReferences": refs}}
    cluster.api.patch("configmaps", "one", "default", patch)
    cluster.settle()

    delete(cluster, "one", "Foreground", "configmaps")

    assert names(cluster, "configmaps") == []


def test_an_owner_in_another_namespace_counts_as_gone_and_is_told(
    cluster: Cluster,
) -> None:
    """References do not reach over namespaces."""
    owner = cluster.api.create("configmaps", config("far", namespace="kube-public"))
    cluster.api.create("configmaps", config("here", owner))

    cluster.settle()

    assert names(cluster, "configmaps") == []
    (told,) = cluster.events("OwnerRefInvalidNamespace")
    assert 'does not exist in namespace "default"' in told


def test_an_owner_of_an_unknown_kind_counts_as_living(cluster: Cluster) -> None:
    """What we do not serve we cannot know to be gone."""
    alien = {"apiVersion": "x/v1", "kind": "Alien"}
    alien["metadata"] = {"name": "a", "uid": "u"}  # type: ignore[assignment]
    cluster.api.create("configmaps", config("kept", alien))

    cluster.settle()

    assert names(cluster, "configmaps") == ["kept"]


def test_a_scan_finds_what_no_event_told(cluster: Cluster) -> None:
    """An owner that vanished while nobody watched is missed within ten minutes."""
    owner = cluster.api.create("configmaps", config("owner"))
    cluster.settle()
    cluster.create("configmaps", config("kept", owner))
    collector = next(r for r in cluster.rules if r.name == "garbage-collector")
    cluster.settle()
    cluster.api.delete("configmaps", "owner", "default")
    assert names(cluster, "configmaps") == ["kept"]

    collector.reconcile(collector.first_keys[0])

    assert names(cluster, "configmaps") == []


def test_an_interrupted_orphaning_is_taken_up_again(cluster: Cluster) -> None:
    """After each single write the collector may die; the end is the same."""
    cluster.create(RCS, rc_object(3), "default")
    cluster.settle()
    before = cluster.active()
    options = DeleteOptions(propagation_policy="Orphan")
    cluster.api.delete(RCS, "kubia", "default", options)
    first = cluster.pods()[0]["metadata"]["name"]
    freed = {"metadata": {"ownerReferences": None}}
    cluster.api.patch("pods", first, "default", freed)

    cluster.restart()
    cluster.settle()

    assert cluster.active() == before
    assert names(cluster, RCS) == []
