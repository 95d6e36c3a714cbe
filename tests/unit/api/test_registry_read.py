"""Lists and watches."""

import threading
from itertools import pairwise

import pytest

from supervisor.api.registry import Registry
from supervisor.client.base import ObjectList, WatchEvent
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from tests.fakes.manifests import config_map, namespace, pod


@pytest.fixture
def five(registry: Registry) -> list[Object]:
    """Pods a … e in the namespace `default`, each with its name as a label."""
    return [registry.create("pods", pod(name), "default") for name in "abcde"]


def names(found: ObjectList) -> str:
    return "".join(item["metadata"]["name"] for item in found.items)


def seen(events: list[WatchEvent]) -> list[tuple[str, str]]:
    return [(e.type, e.object["metadata"]["name"]) for e in events]


def relabel(registry: Registry, name: str, app: str) -> Object:
    patch = {"metadata": {"labels": {"app": app}}}
    return registry.patch("pods", name, "default", patch)


# -- lists


def test_lists_of_one_and_of_all_namespaces(
    registry: Registry, five: list[Object]
) -> None:
    """Ordered by namespace and name."""
    registry.create("pods", pod("z"), "kube-public")

    assert names(registry.list("pods", "default")) == "abcde"
    assert names(registry.list("pods")) == "abcdez"
    assert names(registry.list("pods", "kube-system")) == ""


@pytest.mark.parametrize(
    ("labels", "fields", "expected"),
    [
        ("app=a", "", "a"),
        ("app in (a,b)", "", "ab"),
        ("app!=a", "", "bcde"),
        ("", "metadata.name=c", "c"),
        ("", "metadata.name!=c", "abde"),
        ("", "spec.nodeName=n1", "b"),
        ("", "spec.nodeName=", "acde"),
        ("app notin (a)", "status.phase=Pending,spec.nodeName!=n1", "cde"),
        ("", "metadata.ownerReferences.uid=nobody", ""),
        ("", "metadata.name=a,metadata.name=a", "a"),
        ("", "metadata.name=a,metadata.name=b", ""),
    ],
)
def test_lists_are_selected(
    registry: Registry, five: list[Object], labels: str, fields: str, expected: str
) -> None:
    """By labels, by fields, and by both."""
    registry.bind("b", "default", "n1")

    assert names(registry.list("pods", labels=labels, fields=fields)) == expected


def test_lists_select_by_owner(registry: Registry) -> None:
    """By the uid of any owner."""
    body = pod("owned")
    owner = {"apiVersion": "v1", "kind": "ReplicationController", "name": "r"}
    body["metadata"]["ownerReferences"] = [owner | {"uid": "u1"}]
    registry.create("pods", body, "default")
    registry.create("pods", pod("free"), "default")

    found = registry.list("pods", fields="metadata.ownerReferences.uid=u1")

    assert names(found) == "owned"


@pytest.mark.parametrize(
    ("labels", "fields"), [("a in (b", ""), ("", "nonsense=1"), ("", "noequals")]
)
def test_an_invalid_selector_is_400(
    registry: Registry, labels: str, fields: str
) -> None:
    """For lists and watches."""
    with pytest.raises(ApiError) as listed:
        registry.list("pods", labels=labels, fields=fields)
    with pytest.raises(ApiError) as watched:
        registry.watch("pods", since="0", labels=labels, fields=fields)

    assert (listed.value.code, watched.value.code) == (400, 400)


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 9])
@pytest.mark.parametrize("labels", ["", "app in (a,c,d,e)"])
def test_lists_are_paginated(
    registry: Registry, five: list[Object], limit: int, labels: str
) -> None:
    """All pages have the version of the first."""
    whole = names(registry.list("pods", labels=labels))
    pieces = [registry.list("pods", labels=labels, limit=limit)]
    while pieces[-1].continue_token:
        registry.create("configmaps", config_map(f"c{len(pieces)}"), "default")
        token = pieces[-1].continue_token
        pieces.append(
            registry.list("pods", labels=labels, limit=limit, continue_token=token)
        )

    assert "".join(names(piece) for piece in pieces) == whole
    assert len({piece.resource_version for piece in pieces}) == 1
    assert all(len(piece.items) <= limit for piece in pieces)


def test_an_invalid_continue_token_is_400(registry: Registry) -> None:
    """Instead of guessing."""
    for token in ("nonsense", "bm9uc2Vuc2U", "W10"):
        with pytest.raises(ApiError, match="continue key is not valid"):
            registry.list("pods", continue_token=token)


# -- watches


def test_a_watch_reports_changes(registry: Registry, five: list[Object]) -> None:
    """Added, modified and deleted, with increasing versions."""
    cursor = registry.cursor("pods", since=registry.list("pods").resource_version)
    registry.create("pods", pod("f"), "default")
    registry.create("configmaps", config_map(), "default")
    relabel(registry, "a", "x")
    registry.delete("pods", "b", "default")

    events = cursor.poll()

    assert seen(events) == [("ADDED", "f"), ("MODIFIED", "a"), ("DELETED", "b")]
    versions = [int(e.object["metadata"]["resourceVersion"]) for e in events]
    assert all(a < b for a, b in pairwise(versions))
    assert cursor.poll() == []


@pytest.mark.parametrize("since", ["", "0"])
def test_a_watch_without_version_starts_with_all_objects(
    registry: Registry, five: list[Object], since: str
) -> None:
    """kubectl skips the first event otherwise."""
    cursor = registry.cursor("pods", since=since)
    relabel(registry, "a", "x")

    first, then = cursor.poll(), cursor.poll()

    assert seen(first) == [("ADDED", name) for name in "abcde"]
    assert seen(then) == [("MODIFIED", "a")]


def test_a_watch_follows_changes_of_labels(
    registry: Registry, five: list[Object]
) -> None:
    """Matching is ADDED; no longer matching is DELETED, with the previous state."""
    cursor = registry.cursor("pods", since="0", labels="app=x")
    assert cursor.poll() == []

    relabel(registry, "a", "x")
    registry.patch("pods", "a", "default", {"metadata": {"annotations": {"b": "c"}}})
    last = relabel(registry, "a", "y")
    relabel(registry, "a", "z")
    events = cursor.poll()

    assert seen(events) == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]
    gone = events[-1].object["metadata"]
    assert gone["labels"] == {"app": "x"}
    assert gone["resourceVersion"] == last["metadata"]["resourceVersion"]


def test_a_watch_of_one_name_and_namespace(registry: Registry) -> None:
    """Without events of others."""
    registry.create("namespaces", namespace("dev"))
    cursor = registry.cursor(
        "pods",
        "dev",
        since=registry.list("pods").resource_version,
        fields="metadata.name=a",
    )
    registry.create("pods", pod("a"), "default")
    registry.create("pods", pod("b"), "dev")
    registry.create("pods", pod("a"), "dev")

    events = cursor.poll()

    assert [e.object["metadata"]["namespace"] for e in events] == ["dev"]


def test_a_version_that_is_too_old_is_410(registry: Registry) -> None:
    """The log keeps fifty changes."""
    registry.create("configmaps", config_map(), "default")
    cursor = registry.cursor("pods", since="5")
    for number in range(60):
        patch = {"data": {"n": str(number)}}
        registry.patch("configmaps", "settings", "default", patch)

    with pytest.raises(ApiError, match="too old resource version") as caught:
        registry.watch("pods", since="5")
    assert (caught.value.code, caught.value.reason) == (410, "Expired")

    events = cursor.poll()
    assert [e.type for e in events] == ["ERROR"]
    assert events[0].object["code"] == 410
    assert cursor.poll() == []


def test_polling_keeps_the_position_in_the_log(registry: Registry) -> None:
    """Changes of other kinds do not expire it while it polls."""
    registry.create("configmaps", config_map(), "default")
    cursor = registry.cursor("pods", since="5")
    for number in range(120):
        patch = {"data": {"n": str(number)}}
        registry.patch("configmaps", "settings", "default", patch)
        assert cursor.poll() == []

    registry.create("pods", pod("a"), "default")

    assert seen(cursor.poll()) == [("ADDED", "a")]
    assert cursor.bookmark().object["metadata"]["resourceVersion"] == (
        registry.list("pods").resource_version
    )


@pytest.mark.parametrize("since", ["x", "-1", "1.5", "٣"])
def test_a_version_that_is_not_a_number_is_400(registry: Registry, since: str) -> None:
    """The server never returns one."""
    with pytest.raises(ApiError) as caught:
        registry.watch("pods", since=since)

    assert caught.value.code == 400


def test_a_version_of_the_future_is_410(registry: Registry) -> None:
    """It is from a previous store; waiting for it would miss changes."""
    with pytest.raises(ApiError) as caught:
        registry.watch("pods", since="999999")

    assert caught.value.code == 410


def test_iterating_waits_for_changes_and_ends_when_closed(registry: Registry) -> None:
    """Another thread may close it."""
    watch = registry.watch("pods", since="0")
    got: list[WatchEvent] = []
    first = threading.Event()

    def follow() -> None:
        for event in watch:
            got.append(event)
            first.set()

    thread = threading.Thread(target=follow)
    thread.start()
    registry.create("pods", pod("a"), "default")
    assert first.wait(10)
    watch.close()
    thread.join(10)

    assert not thread.is_alive()
    assert seen(got) == [("ADDED", "a")]


def test_iterating_ends_after_the_timeout(registry: Registry) -> None:
    """With all events so far."""
    registry.create("pods", pod("a"), "default")

    assert seen(list(registry.watch("pods", since="0", timeout=0.01))) == [
        ("ADDED", "a")
    ]
