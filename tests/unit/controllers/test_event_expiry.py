"""Which Events are removed."""

from supervisor.controllers.all import Settings
from supervisor.controllers.event_expiry import plan
from supervisor.model import times
from supervisor.model.meta import Object
from tests.fakes.clock import START
from tests.unit.controllers.cluster import Cluster

DAY = 24 * 3600.0


def event(name: str, age_seconds: float, namespace: str = "default") -> Object:
    """An Event that last happened so long ago."""
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace, "resourceVersion": "1"},
        "involvedObject": {"kind": "Pod", "name": "a", "namespace": namespace},
        "reason": "Started",
        "type": "Normal",
        "lastTimestamp": times.to_text(START - age_seconds),
    }


def removed(events: list[Object], most: int = 100) -> list[str]:
    todo = plan(events, START, ttl_seconds=3 * DAY, most=most)
    return [f"{action.name}: {action.because}" for action in todo]


def test_events_go_three_days_after_they_last_happened() -> None:
    """Not before."""
    assert removed([event("old", 3 * DAY + 1), event("young", 3 * DAY)]) == [
        "old: older than 259200 s"
    ]


def test_of_too_many_the_oldest_go() -> None:
    """Each namespace has room of its own."""
    events = [event("b", 20), event("a", 30), event("c", 10), event("x", 99, "other")]

    assert removed(events, most=2) == ["a: more than 2 in the namespace"]


def test_an_event_without_times_counts_from_its_creation() -> None:
    """Anybody may write Events."""
    bare = event("bare", 0)
    del bare["lastTimestamp"]
    bare["metadata"]["creationTimestamp"] = times.to_text(START - 4 * DAY)

    assert removed([bare]) == ["bare: older than 259200 s"]


def test_old_events_vanish_by_themselves() -> None:
    """The rule looks again every five minutes."""
    cluster = Cluster("event-expiry", settings=Settings(event_ttl_seconds=3600))
    made = event("a", 0)
    del made["metadata"]["resourceVersion"]
    cluster.api.create("events", made, "default")
    cluster.advance(3500)
    assert len(cluster.api.list("events").items) == 1

    cluster.advance(400)

    assert cluster.api.list("events").items == []
