"""Deleting: graceful pods, finalizers, preconditions, namespaces, collections."""

import pytest

from supervisor.api.registry import Registry
from supervisor.client.base import DeleteOptions, WriteOptions
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.store.base import Store
from tests.fakes.clock import FakeClock
from tests.fakes.manifests import config_map, namespace, pod, replication_controller

RCS = "replicationcontrollers"


@pytest.fixture
def bound(registry: Registry) -> Object:
    """A pod `web` on node `n1`, with 30 seconds of grace."""
    registry.create("pods", pod(), "default")
    registry.bind("web", "default", "n1")
    return registry.get("pods", "web", "default")


def delete_pod(registry: Registry, grace: int | None = None) -> Object:
    options = DeleteOptions(grace_period_seconds=grace)
    return registry.delete("pods", "web", "default", options)


def is_there(registry: Registry, resource: str, name: str) -> bool:
    found = registry.list(resource, fields=f"metadata.name={name}")
    return bool(found.items)


def test_a_pod_on_a_node_is_given_its_grace(registry: Registry, bound: Object) -> None:
    """It gets the instant at which it must be gone, and stays until its agent says."""
    marked = delete_pod(registry)

    meta = marked["metadata"]
    assert meta["deletionTimestamp"] == "2026-01-02T03:04:35Z"
    assert meta["deletionGracePeriodSeconds"] == 30
    assert meta["generation"] == bound["metadata"]["generation"] + 1
    assert is_there(registry, "pods", "web")


def test_the_agent_ends_it_with_grace_zero(registry: Registry, bound: Object) -> None:
    """Only this incarnation: the uid is a precondition."""
    delete_pod(registry)
    other = DeleteOptions(grace_period_seconds=0, uid="another")
    own = DeleteOptions(grace_period_seconds=0, uid=bound["metadata"]["uid"])

    with pytest.raises(ApiError, match="Precondition failed: UID") as caught:
        registry.delete("pods", "web", "default", other)
    assert caught.value.code == 409
    registry.delete("pods", "web", "default", own)

    assert not is_there(registry, "pods", "web")


def test_a_later_request_may_only_shorten_the_grace(
    registry: Registry, bound: Object, clock: FakeClock
) -> None:
    """The end is counted from the first request, and never put off."""
    delete_pod(registry, 20)
    clock.advance(2)

    longer = delete_pod(registry, 60)
    unsaid = delete_pod(registry)
    shorter = delete_pod(registry, 5)

    assert longer["metadata"]["deletionGracePeriodSeconds"] == 20
    assert unsaid["metadata"]["deletionTimestamp"] == "2026-01-02T03:04:25Z"
    assert shorter["metadata"]["deletionGracePeriodSeconds"] == 5
    assert shorter["metadata"]["deletionTimestamp"] == "2026-01-02T03:04:10Z"


def test_a_negative_grace_is_one_second(registry: Registry, bound: Object) -> None:
    """As upstream reads it."""
    marked = delete_pod(registry, -7)

    assert marked["metadata"]["deletionGracePeriodSeconds"] == 1


def test_pods_that_nobody_has_to_end_go_at_once(registry: Registry) -> None:
    """Those on no node, those that have finished, and those deleted by force."""
    registry.create("pods", pod(), "default")
    delete_pod(registry)
    assert not is_there(registry, "pods", "web")

    made = registry.create("pods", pod(), "default")
    registry.bind("web", "default", "n1")
    made = registry.get("pods", "web", "default")
    made["status"]["phase"] = "Succeeded"
    registry.update("pods", made, subresource="status")
    delete_pod(registry)
    assert not is_there(registry, "pods", "web")

    registry.create("pods", pod(), "default")
    registry.bind("web", "default", "n1")
    delete_pod(registry, 0)
    assert not is_there(registry, "pods", "web")


def test_an_object_with_finalizers_waits_for_them(registry: Registry) -> None:
    """It is marked, and goes when the last finalizer is taken away."""
    body = config_map()
    body["metadata"]["finalizers"] = ["example.com/a"]
    registry.create("configmaps", body, "default")

    marked = registry.delete("configmaps", "settings", "default")
    assert marked["kind"] == "ConfigMap"
    assert "deletionTimestamp" in marked["metadata"]
    registry.patch(
        "configmaps", "settings", "default", {"metadata": {"finalizers": None}}
    )

    assert not is_there(registry, "configmaps", "settings")


def test_what_is_deleted_answers_a_status(registry: Registry) -> None:
    """With the uid of what is gone, by which kubectl knows one that comes after."""
    made = registry.create("configmaps", config_map(), "default")

    answer = registry.delete("configmaps", "settings", "default")

    assert (answer["kind"], answer["status"]) == ("Status", "Success")
    assert answer["details"]["uid"] == made["metadata"]["uid"]


@pytest.mark.parametrize(
    ("policy", "finalizers"),
    [
        (None, ["orphan"]),
        ("Orphan", ["orphan"]),
        ("Foreground", ["foregroundDeletion"]),
        ("Background", None),
    ],
)
def test_policies_towards_dependents(
    registry: Registry, policy: str | None, finalizers: list[str] | None
) -> None:
    """Each is a finalizer or none; a ReplicationController's own policy is Orphan."""
    registry.create(RCS, replication_controller(), "default")
    options = DeleteOptions(propagation_policy=policy)

    answer = registry.delete(RCS, "rep", "default", options)

    assert answer["metadata"].get("finalizers") == finalizers
    assert is_there(registry, RCS, "rep") == bool(finalizers)


def test_a_later_policy_replaces_the_first(registry: Registry) -> None:
    """Asking for Background after Orphan lets the object go."""
    registry.create(RCS, replication_controller(), "default")
    registry.delete(RCS, "rep", "default", DeleteOptions(propagation_policy="Orphan"))

    registry.delete(
        RCS, "rep", "default", DeleteOptions(propagation_policy="Background")
    )

    assert not is_there(registry, RCS, "rep")


def test_an_unknown_policy_is_refused(registry: Registry) -> None:
    """422, naming what is allowed."""
    registry.create(RCS, replication_controller(), "default")

    with pytest.raises(ApiError, match='"Background", "Foreground", "Orphan"'):
        registry.delete(RCS, "rep", "default", DeleteOptions(propagation_policy="X"))


def test_a_version_can_be_a_precondition(registry: Registry) -> None:
    """409 when the object has changed since."""
    registry.create("configmaps", config_map(), "default")

    with pytest.raises(ApiError, match="ResourceVersion in precondition: 1"):
        registry.delete(
            "configmaps", "settings", "default", DeleteOptions(resource_version="1")
        )


def test_a_dry_run_deletes_nothing(
    registry: Registry, bound: Object, store: Store
) -> None:
    """It answers what would have become of the object."""
    before = store.revision()

    answer = registry.delete("pods", "web", "default", DeleteOptions(dry_run=True))

    assert "deletionTimestamp" in answer["metadata"]
    assert store.revision() == before


def test_a_namespace_ends_when_its_content_has(registry: Registry) -> None:
    """Terminating first; gone when the finalizer of its spec is taken away."""
    registry.create("namespaces", namespace("dev"))

    marked = registry.delete("namespaces", "dev")
    again = registry.delete("namespaces", "dev")
    assert marked["status"]["phase"] == again["status"]["phase"] == "Terminating"
    assert marked["spec"]["finalizers"] == ["kubernetes"]
    marked["spec"]["finalizers"] = []
    registry.update("namespaces", marked, subresource="finalize")

    assert not is_there(registry, "namespaces", "dev")


def test_finalizing_a_living_namespace_does_not_end_it(registry: Registry) -> None:
    """Only what is being deleted can go."""
    living = registry.create("namespaces", namespace("dev"))
    living["spec"]["finalizers"] = []

    registry.update("namespaces", living, subresource="finalize")

    assert is_there(registry, "namespaces", "dev")


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
def test_some_namespaces_cannot_be_deleted(registry: Registry, name: str) -> None:
    """403, as upstream."""
    with pytest.raises(ApiError, match="this namespace may not be deleted") as caught:
        registry.delete("namespaces", name)

    assert caught.value.code == 403


def test_a_collection_is_deleted_by_selector(registry: Registry) -> None:
    """Only what is selected, in that namespace, and the answer lists it."""
    for name in ("a", "b"):
        registry.create("pods", pod(name), "default")
    registry.create("pods", pod("a"), "kube-public")

    deleted = registry.delete_collection("pods", "default", labels="app=a")

    assert [item["metadata"]["name"] for item in deleted.items] == ["a"]
    left = registry.list("pods").items
    places = [(p["metadata"]["namespace"], p["metadata"]["name"]) for p in left]
    assert places == [("default", "b"), ("kube-public", "a")]


def test_eviction_deletes_gracefully(registry: Registry, bound: Object) -> None:
    """As a deletion would, with the options that come along."""
    registry.evict("web", "default", DeleteOptions(grace_period_seconds=3))

    evicted = registry.get("pods", "web", "default")
    assert evicted["metadata"]["deletionGracePeriodSeconds"] == 3


def test_a_pod_is_bound_once(registry: Registry, bound: Object) -> None:
    """Its condition says so; a second node is a conflict."""
    assert bound["spec"]["nodeName"] == "n1"
    assert bound["status"]["conditions"] == [
        {
            "type": "PodScheduled",
            "status": "True",
            "lastTransitionTime": "2026-01-02T03:04:05Z",
            "lastProbeTime": None,
        }
    ]
    with pytest.raises(ApiError, match='already assigned to node "n1"') as caught:
        registry.bind("web", "default", "n2")

    assert caught.value.code == 409


def test_a_pod_that_ends_is_not_bound(registry: Registry) -> None:
    """Nobody would start it."""
    body = pod()
    body["metadata"]["finalizers"] = ["example.com/a"]
    registry.create("pods", body, "default")
    delete_pod(registry)

    with pytest.raises(ApiError, match="is being deleted"):
        registry.bind("web", "default", "n1")


def test_deleting_what_is_not_there_is_404(registry: Registry) -> None:
    """In a dry run too."""
    for dry_run in (False, True):
        with pytest.raises(ApiError, match='pods "web" not found'):
            registry.delete("pods", "web", "default", DeleteOptions(dry_run=dry_run))


def test_the_four_namespaces_are_made_once(
    registry: Registry, store: Store, clock: FakeClock
) -> None:
    """A second start over the same store finds them, and writes nothing."""
    before = store.revision()

    again = Registry(store, clock)

    names = [n["metadata"]["name"] for n in again.list("namespaces").items]
    assert names == ["default", "kube-node-lease", "kube-public", "kube-system"]
    assert store.revision() == before
    assert again.create(
        "configmaps", config_map(), "default", WriteOptions(dry_run=True)
    )
