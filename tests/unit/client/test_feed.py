"""Feeds over the real API in memory."""

import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from supervisor.api.registry.registry import Registry
from supervisor.client.base import ObjectList, Watch, WatchEvent
from supervisor.client.feed import SYNCED, Feed
from supervisor.model.errors import ApiError, unavailable
from supervisor.model.meta import Object
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.clock import FakeClock


class Ended:
    """What a watch has to say now, and then its end."""

    def __init__(self, events: list[WatchEvent]) -> None:
        self._events = events

    def __iter__(self) -> Iterator[WatchEvent]:
        return iter(self._events)

    def close(self) -> None: ...


class Unsteady(Registry):
    """The real API, whose watches end at once, or fail when they are told to."""

    failing: ApiError | None = None

    def list(
        self,
        resource: str,
        namespace: str = "",
        *,
        labels: str = "",
        fields: str = "",
        limit: int = 0,
        continue_token: str = "",
    ) -> ObjectList:
        self._refuse()
        return super().list(
            resource,
            namespace,
            labels=labels,
            fields=fields,
            limit=limit,
            continue_token=continue_token,
        )

    def watch(
        self,
        resource: str,
        namespace: str = "",
        *,
        since: str,
        labels: str = "",
        fields: str = "",
        timeout: float | None = None,
    ) -> Watch:
        self._refuse()
        cursor = self.cursor(
            resource, namespace, since=since, labels=labels, fields=fields
        )
        return Ended(cursor.poll())

    def _refuse(self) -> None:
        if self.failing is not None:
            raise self.failing


@pytest.fixture
def api() -> Unsteady:
    """The API over an empty store."""
    return Unsteady(SqliteStore(":memory:"), FakeClock())


class Received:
    """What a feed has delivered, as text."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.last: Object = {}
        self.synced = threading.Event()

    def __call__(self, event: WatchEvent) -> None:
        name = event.object["metadata"]["name"] if event.type != SYNCED else ""
        self.last = event.object
        self.lines.append(f"{event.type} {name}".strip())
        if event.type == SYNCED:
            self.synced.set()

    def take(self) -> list[str]:
        lines, self.lines = self.lines, []
        return lines


def put(api: Registry, name: str, **data: str) -> None:
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": {"app": "x"}},
        "data": data,
    }
    api.create("configmaps", body, "default")


def change(api: Registry, name: str, **data: str) -> None:
    api.patch("configmaps", name, "default", {"data": data})


def fail(feed: Feed, api: Unsteady, error: ApiError) -> None:
    """Let one round of the feed fail."""
    api.failing = error
    with suppress(ApiError):
        feed.follow()
    api.failing = None


def test_a_feed_lists_then_marks_then_watches(api: Unsteady) -> None:
    """What stands comes as ADDED, then the mark, then changes as they happen."""
    put(api, "a")
    got = Received()
    feed = Feed(api, "configmaps", got)

    feed.follow()
    assert got.take() == ["ADDED a", "SYNCED"]
    put(api, "b")
    change(api, "a", x="1")
    api.delete("configmaps", "b", "default")
    feed.follow()

    assert got.take() == ["ADDED b", "MODIFIED a", "DELETED b"]


def test_what_happened_during_an_outage_is_delivered_as_differences(
    api: Unsteady,
) -> None:
    """A deletion that no watch saw comes with the last known object."""
    for name in ("kept", "changed", "deleted"):
        put(api, name, of=name)
    got = Received()
    feed = Feed(api, "configmaps", got)
    feed.follow()
    got.take()
    fail(feed, api, unavailable("away"))
    change(api, "changed", x="1")
    api.delete("configmaps", "deleted", "default")
    put(api, "new")

    feed.follow()

    assert got.take() == ["DELETED deleted", "MODIFIED changed", "ADDED new", "SYNCED"]


def test_a_namesake_made_during_an_outage_is_another_object(api: Unsteady) -> None:
    """The old one is deleted before the new one is added."""
    put(api, "a")
    got = Received()
    feed = Feed(api, "configmaps", got)
    feed.follow()
    got.take()
    fail(feed, api, unavailable("away"))
    api.delete("configmaps", "a", "default")
    put(api, "a")

    feed.follow()

    assert got.take() == ["DELETED a", "ADDED a", "SYNCED"]


def test_an_expired_place_leads_to_a_new_list(api: Unsteady) -> None:
    """410 is no outage, only a reason to list."""
    put(api, "a")
    got = Received()
    feed = Feed(api, "configmaps", got)
    feed.follow()

    fail(feed, api, ApiError(410, "Expired", "too old resource version"))
    feed.follow()

    assert got.take() == ["ADDED a", "SYNCED", "SYNCED"]


def test_what_the_receiver_could_not_take_is_delivered_again(api: Unsteady) -> None:
    """Raising costs a new list, never an event; the other events go on."""
    put(api, "a")
    put(api, "b")
    got = Received()
    answers = [ValueError("a bug"), ValueError("a bug")]

    def receive(event: WatchEvent) -> None:
        if answers:
            raise answers.pop()
        got(event)

    feed = Feed(api, "configmaps", receive)
    feed.follow()
    put(api, "c")
    feed.follow()

    assert got.take() == [
        "ADDED b",
        "SYNCED",
        "ADDED a",
        "ADDED c",
        "SYNCED",
    ]
    [event] = api.list("events").items
    assert event["involvedObject"]["name"] == "a"
    assert (event["type"], event["reason"]) == ("Warning", "Unreadable")


def test_only_what_is_selected_is_delivered(api: Unsteady) -> None:
    """By namespace, labels and fields."""
    put(api, "a")
    put(api, "b")
    got = Received()

    Feed(
        api,
        "configmaps",
        got,
        namespace="default",
        labels="app=x",
        fields="metadata.name=b",
    ).follow()

    assert got.take() == ["ADDED b", "SYNCED"]


def test_the_receiver_can_ask_what_was_before(api: Unsteady) -> None:
    """While an event is delivered, the feed still knows the object as it was."""
    put(api, "a", x="1")
    seen: list[object] = []

    def receive(event: WatchEvent) -> None:
        if event.type != SYNCED:
            known = feed.get(event.object["metadata"]["uid"])
            seen.append(known and known["data"]["x"])

    feed = Feed(api, "configmaps", receive)
    feed.follow()
    change(api, "a", x="2")
    feed.follow()

    assert seen == [None, "1"]


def test_all_returns_the_latest_version_of_each_object(api: Unsteady) -> None:
    """It includes changes and leaves out deleted objects."""
    put(api, "a", x="1")
    put(api, "b")
    feed = Feed(api, "configmaps", lambda event: None)
    feed.follow()
    change(api, "a", x="2")
    api.delete("configmaps", "b", "default")

    feed.follow()

    (only,) = feed.all()
    assert only["data"] == {"x": "2"}
    assert feed.get(only["metadata"]["uid"]) == only


def test_a_feed_may_remember_less_than_it_delivers(api: Unsteady) -> None:
    """Large objects need not be held in memory."""
    put(api, "a", x="1")
    got = Received()
    feed = Feed(
        api, "configmaps", got, remember=lambda obj: {"metadata": obj["metadata"]}
    )

    feed.follow()

    assert feed.all()[0].keys() == {"metadata"}


def test_a_feed_that_runs_can_be_stopped_in_the_middle_of_a_watch() -> None:
    """The thread ends, and nothing is delivered any more."""
    api = Registry(SqliteStore(":memory:"), FakeClock())
    got = Received()
    feed = Feed(api, "configmaps", got)
    feed.start()
    assert got.synced.wait(5)

    feed.stop()
    put(api, "late")

    assert got.take() == ["SYNCED"]
