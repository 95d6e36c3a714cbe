"""What the events of one source add up to."""

from supervisor.client.event_correlator import EventCorrelator, EventKey
from supervisor.model.meta import Object


def subject(name: str) -> Object:
    return {"kind": "Pod", "namespace": "default", "name": name, "uid": name}


def note(
    correlator: EventCorrelator, name: str, message: str = "m", at: float = 0
) -> EventKey:
    return correlator.observe(subject(name), "Warning", "Unhealthy", message, now=at)


def test_memory_is_bounded_by_forgetting_the_longest_silent() -> None:
    """What happens again is remembered, however old it is."""
    correlator = EventCorrelator()
    alive, silent = note(correlator, "alive"), note(correlator, "silent")
    for number in range(1023):
        note(correlator, f"p{number}")
        note(correlator, "alive")

    entry = correlator.entry(alive)

    assert entry is not None
    assert entry.count == 1024
    assert correlator.entry(silent) is None


def test_similar_events_are_told_apart_again_after_ten_quiet_minutes() -> None:
    """Only many in a short time are combined."""
    correlator = EventCorrelator()
    keys = [note(correlator, "a", f"m{number}") for number in range(12)]
    assert len(set(keys)) == 10

    later = note(correlator, "a", "another", at=601)

    assert later not in keys


def test_what_was_said_already_is_not_combined() -> None:
    """A known message keeps its own event among many others."""
    correlator = EventCorrelator()
    first = note(correlator, "a", "m0")
    for number in range(1, 20):
        note(correlator, "a", f"m{number}")

    assert note(correlator, "a", "m0") == first


def test_leave_to_write_comes_back_one_in_five_minutes() -> None:
    """25 at once, then slowly, each subject for itself."""
    correlator = EventCorrelator()
    key, other = note(correlator, "a"), note(correlator, "b")
    assert [correlator.allow(key, 0) for _ in range(25)] == [None] * 25

    assert correlator.allow(key, 100) == 300
    assert correlator.allow(other, 100) is None
    assert correlator.allow(key, 300) is None
    assert correlator.allow(key, 300) == 600
