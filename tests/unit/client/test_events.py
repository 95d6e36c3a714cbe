"""Events as they end up in the API."""

import threading
from typing import Any

import pytest

from supervisor.api.registry.registry import Registry
from supervisor.client.base import WriteOptions
from supervisor.client.events import EventRecorder
from supervisor.model.errors import unavailable
from supervisor.model.meta import Object
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.clock import FakeClock

POD: Object = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "default", "uid": "uid-1"},
}


class Away(Registry):
    """The real API, which can be away."""

    away = False

    def create(
        self,
        resource: str,
        body: Object,
        namespace: str = "",
        options: WriteOptions | None = None,
        **rest: Any,
    ) -> Object:
        if self.away:
            raise unavailable("away")
        return super().create(resource, body, namespace, options, **rest)


class Desk:
    """A recorder, its clock, and what it has written."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.api = Away(SqliteStore(":memory:"), self.clock)
        self.recorder = self.new_recorder()

    def new_recorder(self, host: str = "node") -> EventRecorder:
        return EventRecorder(self.api, self.clock, "kubelet", host, threaded=False)

    def fails(
        self, message: str = "Liveness probe failed: 500", times: int = 1
    ) -> None:
        for _ in range(times):
            self.recorder.record(POD, "Warning", "Unhealthy", message)

    def written(self) -> list[str]:
        """`message xCOUNT` of each event."""
        self.recorder.flush()
        return [f"{event['message']} x{event['count']}" for event in self.events()]

    def events(self) -> list[Object]:
        return self.api.list("events").items


@pytest.fixture
def desk() -> Desk:
    """A recorder over the real API in memory."""
    return Desk()


def test_an_event_says_what_happened_to_what_and_who_saw_it(desk: Desk) -> None:
    """All fields that kubectl describe reads are there."""
    path = "spec.containers{app}"
    desk.recorder.record(
        POD, "Normal", "Started", "Started container app", field_path=path
    )
    desk.recorder.flush()

    (event,) = desk.events()

    assert event["involvedObject"] == {
        "apiVersion": "v1",
        "kind": "Pod",
        "name": "web",
        "namespace": "default",
        "uid": "uid-1",
        "fieldPath": path,
    }
    assert event["metadata"]["name"].startswith("web.")
    assert event["metadata"]["namespace"] == "default"
    assert (event["type"], event["reason"]) == ("Normal", "Started")
    assert event["source"] == {"component": "kubelet", "host": "node"}
    assert event["firstTimestamp"] == event["lastTimestamp"] == "2026-01-02T03:04:05Z"


def test_the_same_again_is_one_event_with_a_count(desk: Desk) -> None:
    """The first instant stays, the last one moves."""
    desk.fails()
    desk.recorder.flush()
    desk.clock.advance(10)
    desk.fails(times=2)

    assert desk.written() == ["Liveness probe failed: 500 x3"]
    (event,) = desk.events()
    assert event["firstTimestamp"] == "2026-01-02T03:04:05Z"
    assert event["lastTimestamp"] == "2026-01-02T03:04:15Z"


@pytest.mark.parametrize(
    "other",
    [
        {"type_": "Normal"},
        {"reason": "Killing"},
        {"message": "else"},
        {"field_path": "spec.containers{b}"},
        {"obj": POD | {"metadata": POD["metadata"] | {"uid": "uid-2"}}},
    ],
    ids=["type", "reason", "message", "field path", "object"],
)
def test_any_difference_makes_another_event(desk: Desk, other: dict[str, Any]) -> None:
    """Only what is the same in all of these is merged."""
    what: dict[str, Any] = {
        "obj": POD,
        "type_": "Warning",
        "reason": "Unhealthy",
        "message": "m",
    }
    desk.recorder.record(**what)
    desk.recorder.record(**(what | other))

    assert len(desk.written()) == 2


def test_events_of_cluster_scoped_objects_are_in_namespace_default(desk: Desk) -> None:
    """As upstream does, for want of a better place."""
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "uid": "u"}}
    desk.recorder.record(node, "Normal", "NodeReady", "ready")
    desk.recorder.flush()

    assert desk.events()[0]["metadata"]["namespace"] == "default"


def test_after_a_restart_the_count_goes_on(desk: Desk) -> None:
    """The events of the earlier run are taken up."""
    desk.fails(times=2)
    desk.recorder.flush()
    desk.recorder = desk.new_recorder()
    desk.clock.advance(60)

    desk.fails()

    assert desk.written() == ["Liveness probe failed: 500 x3"]
    assert desk.events()[0]["firstTimestamp"] == "2026-01-02T03:04:05Z"


def test_events_of_another_host_are_not_taken_up(desk: Desk) -> None:
    """Another source is another event."""
    desk.fails()
    desk.recorder.flush()
    desk.recorder = desk.new_recorder("other")
    desk.clock.advance(1)

    desk.fails()

    assert desk.written() == ["Liveness probe failed: 500 x1"] * 2


def test_after_25_writes_about_an_object_counts_wait_five_minutes(desk: Desk) -> None:
    """A storm costs little, and the count is right in the end."""
    for _ in range(40):
        desk.fails()
        desk.recorder.flush()
    assert desk.written() == ["Liveness probe failed: 500 x25"]

    desk.clock.advance(300)

    assert desk.written() == ["Liveness probe failed: 500 x40"]


def test_a_new_kind_of_event_is_written_even_in_a_storm(desk: Desk) -> None:
    """The first of a kind never waits."""
    for _ in range(40):
        desk.fails()
        desk.recorder.flush()

    desk.recorder.record(POD, "Normal", "Killing", "Stopping container app")

    assert "Stopping container app x1" in desk.written()


def test_many_similar_events_are_combined(desk: Desk) -> None:
    """Ever new messages of one reason do not fill the store."""
    for number in range(30):
        desk.fails(f"error {number}")
        desk.clock.advance(1)

    written = desk.written()

    assert len(written) == 10
    assert "(combined from similar events): error 29 x21" in written


def test_what_cannot_be_written_now_is_written_later(desk: Desk) -> None:
    """An API that is away loses no event."""
    desk.api.away = True
    desk.fails(times=2)
    desk.recorder.flush()
    assert desk.events() == []
    desk.api.away = False

    desk.clock.advance(1)

    assert desk.written() == ["Liveness probe failed: 500 x2"]


def test_an_event_that_was_deleted_is_written_anew(desk: Desk) -> None:
    """Expiry of the object does not end the counting."""
    desk.fails()
    desk.recorder.flush()
    name = desk.events()[0]["metadata"]["name"]
    desk.api.delete("events", name, "default")

    desk.fails()

    assert desk.written() == ["Liveness probe failed: 500 x2"]


def test_an_event_for_a_namespace_that_is_gone_is_given_up(desk: Desk) -> None:
    """What the API refuses for good does not come back for ever."""
    lost = POD | {"metadata": {"name": "web", "namespace": "gone", "uid": "u"}}
    desk.recorder.record(lost, "Normal", "Killing", "Stopping container app")

    assert desk.written() == []
    assert desk.clock.next_at() is None


def test_events_of_a_namespace_that_is_gone_are_no_warning(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Every deletion of a namespace has some: its pods end after it."""
    gone = POD | {"metadata": POD["metadata"] | {"namespace": "gone"}}
    desk.recorder.record(gone, "Warning", "Unhealthy", "late")
    desk.recorder.flush()

    assert not caplog.records


def test_recording_nonsense_raises_nothing(desk: Desk) -> None:
    """An event is never worth a crash."""
    desk.recorder.record({}, "Normal", "Killing", "Stopping container app")

    assert desk.written() == []


def test_long_names_leave_room_for_the_suffix(desk: Desk) -> None:
    """The name of an event is a valid name whatever the object's."""
    long = POD | {"metadata": {"name": "x" * 253, "namespace": "default", "uid": "u"}}
    desk.recorder.record(long, "Normal", "Killing", "m")
    desk.recorder.flush()

    assert len(desk.events()[0]["metadata"]["name"]) <= 253


def test_a_thread_writes_when_there_is_something_to_write() -> None:
    """The recorder of the daemon needs nobody to flush it, and stops when told to."""
    desk = Desk()
    recorder = EventRecorder(desk.api, desk.clock, "kubelet", "node")
    before = threading.active_count()
    recorder.record(POD, "Normal", "Started", "Started container app")
    assert threading.active_count() == before + 1

    recorder.stop()

    assert threading.active_count() == before
    assert len(desk.events()) == 1
