"""Deletion: grace periods, finalizers, preconditions, namespaces, collections."""

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
    """A pod `web` on node `n1`, with a grace period of 30 seconds."""
    registry.create("pods", pod(), "default")
    registry.bind("web", "default", "n1")
    return registry.get("pods", "web", "default")


def delete_pod(registry: Registry, grace: int | None = None) -> Object:
    options = DeleteOptions(grace_period_seconds=grace)
    return registry.delete("pods", "web", "default", options)


def is_there(registry: Registry, resource: str, name: str) -> bool:
    found = registry.list(resource, fields=f"metadata.name={name}")
    return bool(found.items)


def test_a_bound_pod_gets_its_grace_period(registry: Registry, bound: Object) -> None:
    """A deletionTimestamp is set, and it remains until its agent deletes it."""
    marked = delete_pod(registry)

    meta = marked["metadata"]
    assert meta["deletionTimestamp"] == "2026-01-02T03:04:35Z"
    assert meta["deletionGracePeriodSeconds"] == 30
    assert meta["generation"] == bound["metadata"]["generation"] + 1
    assert is_there(registry, "pods", "web")


def test_the_agent_deletes_it_with_grace_period_zero(
    registry: Registry, bound: Object
) -> None:
    """With the uid as precondition."""
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
    """It is relative to the first request and never extended."""
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
    """As upstream."""
    marked = delete_pod(registry, -7)

    assert marked["metadata"]["deletionGracePeriodSeconds"] == 1


def test_unbound_finished_and_forced_pods_are_removed_immediately(
    registry: Registry,
) -> None:
    """No agent has to terminate them."""
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
    """It is removed with the last finalizer."""
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


def test_a_deletion_returns_a_status(registry: Registry) -> None:
    """With the uid, by which kubectl recognizes a new object."""
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
def test_propagation_policies(
    registry: Registry, policy: str | None, finalizers: list[str] | None
) -> None:
    """Foreground and Orphan are finalizers; the default depends on the kind."""
    registry.create(RCS, replication_controller(), "default")
    options = DeleteOptions(propagation_policy=policy)

    answer = registry.delete(RCS, "rep", "default", options)

    assert answer["metadata"].get("finalizers") == finalizers
    assert is_there(registry, RCS, "rep") == bool(finalizers)


def test_a_later_policy_replaces_the_first(registry: Registry) -> None:
    """Background after Orphan removes the object."""
    registry.create(RCS, replication_controller(), "default")
    registry.delete(RCS, "rep", "default", DeleteOptions(propagation_policy="Orphan"))

    registry.delete(
        RCS, "rep", "default", DeleteOptions(propagation_policy="Background")
    )

    assert not is_there(registry, RCS, "rep")


def test_an_unknown_policy_is_refused(registry: Registry) -> None:
    """422 with the allowed values."""
    registry.create(RCS, replication_controller(), "default")

    with pytest.raises(ApiError, match='"Background", "Foreground", "Orphan"'):
        registry.delete(RCS, "rep", "default", DeleteOptions(propagation_policy="X"))


def test_a_version_can_be_a_precondition(registry: Registry) -> None:
    """409 if the object has changed."""
    registry.create("configmaps", config_map(), "default")

    with pytest.raises(ApiError, match="ResourceVersion in precondition: 1"):
        registry.delete(
            "configmaps", "settings", "default", DeleteOptions(resource_version="1")
        )


def test_a_dry_run_deletes_nothing(
    registry: Registry, bound: Object, store: Store
) -> None:
    """The response is what the object would become."""
    before = store.revision()

    answer = registry.delete("pods", "web", "default", DeleteOptions(dry_run=True))

    assert "deletionTimestamp" in answer["metadata"]
    assert store.revision() == before


def test_a_namespace_is_removed_after_its_contents(registry: Registry) -> None:
    """First Terminating; removed with the finalizer in its spec."""
    registry.create("namespaces", namespace("dev"))

    marked = registry.delete("namespaces", "dev")
    again = registry.delete("namespaces", "dev")
    assert marked["status"]["phase"] == again["status"]["phase"] == "Terminating"
    assert marked["spec"]["finalizers"] == ["kubernetes"]
    marked["spec"]["finalizers"] = []
    registry.update("namespaces", marked, subresource="finalize")

    assert not is_there(registry, "namespaces", "dev")


def test_finalizing_an_active_namespace_does_not_remove_it(registry: Registry) -> None:
    """Only a deleted one."""
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
    """Only in that namespace; the response lists the objects."""
    for name in ("a", "b"):
        registry.create("pods", pod(name), "default")
    registry.create("pods", pod("a"), "kube-public")

    deleted = registry.delete_collection("pods", "default", labels="app=a")

    assert [item["metadata"]["name"] for item in deleted.items] == ["a"]
    left = registry.list("pods").items
    places = [(p["metadata"]["namespace"], p["metadata"]["name"]) for p in left]
    assert places == [("default", "b"), ("kube-public", "a")]


def test_eviction_deletes_gracefully(registry: Registry, bound: Object) -> None:
    """Like a deletion, with the given options."""
    registry.evict("web", "default", DeleteOptions(grace_period_seconds=3))

    evicted = registry.get("pods", "web", "default")
    assert evicted["metadata"]["deletionGracePeriodSeconds"] == 3


def test_a_pod_is_bound_once(registry: Registry, bound: Object) -> None:
    """With a condition; a second binding is a conflict."""
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


def test_a_terminating_pod_is_not_bound(registry: Registry) -> None:
    """It would not be started."""
    body = pod()
    body["metadata"]["finalizers"] = ["example.com/a"]
    registry.create("pods", body, "default")
    delete_pod(registry)

    with pytest.raises(ApiError, match="is being deleted"):
        registry.bind("web", "default", "n1")


def test_deleting_a_missing_object_is_404(registry: Registry) -> None:
    """Also in a dry run."""
    for dry_run in (False, True):
        with pytest.raises(ApiError, match='pods "web" not found'):
            registry.delete("pods", "web", "default", DeleteOptions(dry_run=dry_run))


def test_the_system_namespaces_are_created_once(
    registry: Registry, store: Store, clock: FakeClock
) -> None:
    """A second start writes nothing."""
    before = store.revision()

    again = Registry(store, clock)

    names = [n["metadata"]["name"] for n in again.list("namespaces").items]
    assert names == ["default", "kube-node-lease", "kube-public", "kube-system"]
    assert store.revision() == before
    assert again.create(
        "configmaps", config_map(), "default", WriteOptions(dry_run=True)
    )
