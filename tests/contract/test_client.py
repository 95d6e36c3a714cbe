"""What every client promises; run for the registry in process and for HTTPS."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from supervisor.client.base import Client, DeleteOptions, PatchType, WriteOptions
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from tests.api_server import ApiServer, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API for all tests of the file, each of which has a namespace of its own."""
    with serving(tmp_path_factory.mktemp("state"), keep_changes=50) as made:
        yield made


@pytest.fixture(params=["registry", "rest"])
def client(request: pytest.FixtureRequest, server: ApiServer) -> Iterator[Client]:
    """Each implementation over the same store."""
    if request.param == "registry":
        yield server.registry
        return
    made = server.client()
    yield made
    made.close()


@pytest.fixture
def space(request: pytest.FixtureRequest, server: ApiServer) -> str:
    """A namespace that only this test uses."""
    body = {"metadata": {"generateName": "t-"}}
    made = server.registry.create("namespaces", body | kind("v1", "Namespace"))
    return str(made["metadata"]["name"])


def kind(version: str, name: str) -> Object:
    return {"apiVersion": version, "kind": name}


def pod(name: str, **labels: str) -> Object:
    return kind("v1", "Pod") | {
        "metadata": {"name": name, "labels": labels},
        "spec": {"containers": [{"name": "c", "image": "busybox"}]},
    }


def config_map(name: str, **data: str) -> Object:
    return kind("v1", "ConfigMap") | {"metadata": {"name": name}, "data": data}


def controller(name: str, replicas: int) -> Object:
    template = pod("", app=name)
    template["metadata"].pop("name")
    return kind("v1", "ReplicationController") | {
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"app": name},
            "template": {"metadata": template["metadata"], "spec": template["spec"]},
        },
    }


def refused(code: int, reason: str) -> Any:
    """A context in which an ApiError of that kind is raised."""
    return pytest.raises(ApiError, check=lambda e: (e.code, e.reason) == (code, reason))


def test_a_created_object_can_be_read(client: Client, space: str) -> None:
    """What create answers is what get answers, with uid and version."""
    made = client.create("configmaps", config_map("a", k="v"), space)

    assert client.get("configmaps", "a", space) == made
    assert made["data"] == {"k": "v"}
    assert made["metadata"]["uid"] and made["metadata"]["resourceVersion"]


def test_what_is_missing_is_not_found(client: Client, space: str) -> None:
    """Upstream's words name the resource and the object."""
    with refused(404, "NotFound") as caught:
        client.get("pods", "nope", space)

    assert caught.value.message == 'pods "nope" not found'


def test_a_name_is_taken_once(client: Client, space: str) -> None:
    """The second create of a name is refused."""
    client.create("configmaps", config_map("a"), space)

    with refused(409, "AlreadyExists"):
        client.create("configmaps", config_map("a"), space)


def test_invalid_objects_name_their_fields(client: Client, space: str) -> None:
    """A refusal carries a cause for each wrong field."""
    body = pod("a")
    body["spec"]["containers"][0]["name"] = "Not A Name"

    with refused(422, "Invalid") as caught:
        client.create("pods", body, space)

    causes = caught.value.details["causes"]
    assert [cause["field"] for cause in causes] == ["spec.containers[0].name"]


def test_unknown_fields_are_refused_or_named(client: Client, space: str) -> None:
    """Strict refuses, Warn tells and goes on."""
    body = config_map("a") | {"datum": {}}
    with refused(400, "BadRequest"):
        client.create("configmaps", body, space, WriteOptions("Strict"))

    options = WriteOptions("Warn")
    client.create("configmaps", body, space, options)

    assert options.warnings == ['unknown field "datum"']


def test_a_dry_run_keeps_nothing(client: Client, space: str) -> None:
    """The answer is as if, the store as before."""
    options = WriteOptions(dry_run=True)

    made = client.create("configmaps", config_map("a"), space, options)

    assert made["metadata"]["name"] == "a"
    with refused(404, "NotFound"):
        client.get("configmaps", "a", space)


def test_lists_are_selected_by_labels_and_fields(client: Client, space: str) -> None:
    """Both selectors must match."""
    for name, tier in (("a", "x"), ("b", "x"), ("c", "y")):
        client.create("pods", pod(name, tier=tier), space)

    chosen = client.list("pods", space, labels="tier=x", fields="metadata.name!=a")

    assert [item["metadata"]["name"] for item in chosen.items] == ["b"]
    assert chosen.items[0]["kind"] == "Pod"
    assert chosen.resource_version


def test_lists_come_in_pages(client: Client, space: str) -> None:
    """A limited list tells how to go on, the last page nothing."""
    for name in "abc":
        client.create("configmaps", config_map(name), space)

    first = client.list("configmaps", space, limit=2)
    rest = client.list(
        "configmaps", space, limit=2, continue_token=first.continue_token
    )

    found = [item["metadata"]["name"] for item in [*first.items, *rest.items]]
    assert found == ["a", "b", "c"]
    assert rest.continue_token == ""


def test_bad_selectors_are_refused(client: Client, space: str) -> None:
    """A selector that cannot be read is the asker's fault."""
    with refused(400, "BadRequest"):
        client.list("pods", space, labels="a in (b")
    with refused(400, "BadRequest"):
        client.list("pods", space, fields="spec.nonsense=1")


def test_updates_need_the_current_version(client: Client, space: str) -> None:
    """Who changes an older state is told so, and nothing is lost."""
    old = client.create("configmaps", config_map("a", k="1"), space)
    new = client.update("configmaps", old | {"data": {"k": "2"}})

    with refused(409, "Conflict"):
        client.update("configmaps", old | {"data": {"k": "3"}})

    assert client.get("configmaps", "a", space) == new


def test_status_is_written_apart(client: Client, space: str) -> None:
    """The status subresource changes the status and nothing else."""
    made = client.create("pods", pod("a"), space)
    made["spec"]["containers"][0]["image"] = "other"
    made["status"] = {"phase": "Running"}

    changed = client.update("pods", made, subresource="status")

    assert changed["status"]["phase"] == "Running"
    assert changed["spec"]["containers"][0]["image"] == "busybox"


def test_patches_merge_in_their_own_ways(client: Client, space: str) -> None:
    """Merge patches replace lists, strategic ones merge them, JSON ones are exact."""
    client.create("pods", pod("a", x="1"), space)
    image = {"spec": {"containers": [{"name": "c", "image": "other"}]}}

    client.patch("pods", "a", space, image, PatchType.STRATEGIC)
    client.patch("pods", "a", space, {"metadata": {"labels": {"y": "2"}}})
    remove = [{"op": "remove", "path": "/metadata/labels/x"}]
    changed = client.patch("pods", "a", space, remove, PatchType.JSON)

    assert changed["spec"]["containers"][0]["image"] == "other"
    assert changed["metadata"]["labels"] == {"y": "2"}


def test_controllers_are_scaled(client: Client, space: str) -> None:
    """The scale subresource changes the number of replicas."""
    client.create("replicationcontrollers", controller("kubia", 3), space)

    scale = client.patch(
        "replicationcontrollers",
        "kubia",
        space,
        {"spec": {"replicas": 5}},
        subresource="scale",
    )

    assert (scale["kind"], scale["spec"]["replicas"]) == ("Scale", 5)
    rc = client.get("replicationcontrollers", "kubia", space)
    assert rc["spec"]["replicas"] == 5


def test_a_pod_is_bound_once(client: Client, space: str) -> None:
    """The second node is refused."""
    client.create("pods", pod("a"), space)

    client.bind("a", space, "node-1")

    assert client.get("pods", "a", space)["spec"]["nodeName"] == "node-1"
    with refused(409, "Conflict"):
        client.bind("a", space, "node-2")


def test_a_bound_pod_ends_gracefully(client: Client, space: str) -> None:
    """It stays, marked, until its agent deletes it with no grace."""
    made = client.create("pods", pod("a"), space)
    client.bind("a", space, "node-1")

    marked = client.delete("pods", "a", space, DeleteOptions(grace_period_seconds=5))

    assert marked["metadata"]["deletionGracePeriodSeconds"] == 5
    last = DeleteOptions(grace_period_seconds=0, uid=made["metadata"]["uid"])
    client.delete("pods", "a", space, last)
    with refused(404, "NotFound"):
        client.get("pods", "a", space)


def test_evicting_deletes(client: Client, space: str) -> None:
    """An eviction is a deletion with its grace."""
    client.create("pods", pod("a"), space)
    client.bind("a", space, "node-1")

    client.evict("a", space, DeleteOptions(grace_period_seconds=7))

    meta = client.get("pods", "a", space)["metadata"]
    assert meta["deletionGracePeriodSeconds"] == 7


def test_another_incarnation_is_not_deleted(client: Client, space: str) -> None:
    """A uid that is not the object's own is a conflict."""
    client.create("configmaps", config_map("a"), space)

    with refused(409, "Conflict"):
        client.delete("configmaps", "a", space, DeleteOptions(uid="other"))


def test_a_selection_is_deleted_at_once(client: Client, space: str) -> None:
    """Only what the selector matches goes."""
    for name, tier in (("a", "x"), ("b", "y")):
        client.create("pods", pod(name, tier=tier), space)

    client.delete_collection("pods", space, labels="tier=x")

    left = client.list("pods", space).items
    assert [item["metadata"]["name"] for item in left] == ["b"]


def test_other_groups_are_reached_by_name(client: Client, space: str) -> None:
    """The group stands behind a dot."""
    body = kind("coordination.k8s.io/v1", "Lease") | {"metadata": {"name": "a"}}

    client.create("leases.coordination.k8s.io", body, space)

    found = client.get("leases.coordination.k8s.io", "a", space)
    assert found["kind"] == "Lease"


def test_a_watch_tells_what_happens_after_a_version(client: Client, space: str) -> None:
    """Changes come in order; those outside of the selection do not."""
    since = client.list("pods", space).resource_version
    client.create("pods", pod("a", app="x"), space)
    client.create("pods", pod("b", app="y"), space)
    client.patch("pods", "a", space, {"metadata": {"labels": {"app": "y"}}})
    watch = client.watch("pods", space, since=since, labels="app=y", timeout=30)

    seen = []
    for event in watch:
        if event.type != "BOOKMARK":
            seen.append((event.type, event.object["metadata"]["name"]))
        if len(seen) == 2:
            break
    watch.close()

    assert seen == [("ADDED", "b"), ("ADDED", "a")]


def test_leaving_the_selection_is_a_deletion(client: Client, space: str) -> None:
    """A watcher must not keep what it can no longer see."""
    client.create("pods", pod("a", app="x"), space)
    since = client.list("pods", space).resource_version
    client.patch("pods", "a", space, {"metadata": {"labels": {"app": "y"}}})
    watch = client.watch("pods", space, since=since, labels="app=x", timeout=30)

    first = next(event for event in watch if event.type != "BOOKMARK")
    watch.close()

    assert first.type == "DELETED"


def test_a_watch_ends_by_itself(client: Client, space: str) -> None:
    """After its timeout the iteration is over."""
    since = client.list("pods", space).resource_version

    events = list(client.watch("pods", space, since=since, timeout=0.2))

    assert [event for event in events if event.type != "BOOKMARK"] == []


def test_a_watch_is_closed_from_another_thread(client: Client, space: str) -> None:
    """A reader that waits wakes up and finds the end."""
    since = client.list("pods", space).resource_version
    watch = client.watch("pods", space, since=since)
    reader = threading.Thread(target=lambda: list(watch))
    reader.start()

    watch.close()
    reader.join(10)

    assert not reader.is_alive()


def test_a_version_that_is_gone_is_expired(client: Client, space: str) -> None:
    """Who comes back after too long must list again."""
    for number in range(60):
        client.create("configmaps", config_map(f"a{number}"), space)

    with refused(410, "Expired"):
        list(client.watch("configmaps", space, since="1", timeout=5))
