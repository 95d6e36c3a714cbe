"""What every clock does: the real one and the one of the tests."""

import threading
from collections.abc import Callable, Iterator

import pytest

from supervisor.machinery.clock import Clock, SystemClock
from tests.fakes.clock import FakeClock


class Subject:
    """A clock, and how to let time pass on it until something has happened."""

    def __init__(self, clock: Clock, wait: Callable[[threading.Event], bool]) -> None:
        self.clock = clock
        self.wait = wait


@pytest.fixture(params=["fake", "system"])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """Each clock in turn."""
    if request.param == "fake":
        fake = FakeClock()

        def pass_time(event: threading.Event) -> bool:
            fake.advance(5)
            return event.is_set()

        yield Subject(fake, pass_time)
        return
    system = SystemClock()
    yield Subject(system, lambda event: event.wait(5))
    system.close()


def test_a_timer_runs_at_its_instant(subject: Subject) -> None:
    """A timer runs once its instant has come, and not before."""
    seen: list[float] = []
    ran = threading.Event()
    due = subject.clock.now() + 0.05

    def wake() -> None:
        seen.append(subject.clock.now())
        ran.set()

    subject.clock.at("key", due, wake)

    assert subject.wait(ran)
    assert seen[0] >= due - 0.001


def test_a_timer_of_the_past_runs_at_once(subject: Subject) -> None:
    """An instant that is past already wakes without waiting."""
    ran = threading.Event()

    subject.clock.at("key", subject.clock.now() - 100, ran.set)

    assert subject.wait(ran)


def test_setting_a_key_again_replaces_its_timer(subject: Subject) -> None:
    """Of two wishes under one key only the later one is heard."""
    first, second = threading.Event(), threading.Event()
    subject.clock.at("key", subject.clock.now() + 0.05, first.set)

    subject.clock.at("key", subject.clock.now() + 0.1, second.set)

    assert subject.wait(second)
    assert not first.is_set()


def test_a_cancelled_timer_never_runs(subject: Subject) -> None:
    """Cancelling forgets a timer, and forgetting nothing is no error."""
    cancelled, later = threading.Event(), threading.Event()
    subject.clock.at("key", subject.clock.now() + 0.05, cancelled.set)
    subject.clock.at("later", subject.clock.now() + 0.1, later.set)

    subject.clock.cancel("key")
    subject.clock.cancel("never set")

    assert subject.wait(later)
    assert not cancelled.is_set()


def test_timers_run_in_the_order_of_their_instants(subject: Subject) -> None:
    """The earlier instant runs first, whatever the order of setting."""
    order: list[str] = []
    done = threading.Event()
    now = subject.clock.now()

    def finish() -> None:
        order.append("late")
        done.set()

    subject.clock.at(("late", 1), now + 0.15, finish)
    subject.clock.at(("early", 1), now + 0.05, lambda: order.append("early"))

    assert subject.wait(done)
    assert order == ["early", "late"]


def test_a_timer_may_set_its_key_again(subject: Subject) -> None:
    """A timer that renews itself goes on running."""
    rounds: list[float] = []
    done = threading.Event()

    def wake() -> None:
        rounds.append(subject.clock.now())
        if len(rounds) == 3:
            done.set()
        else:
            subject.clock.at("key", subject.clock.now() + 0.03, wake)

    subject.clock.at("key", subject.clock.now(), wake)

    assert subject.wait(done)
    assert rounds == sorted(rounds)


def test_time_never_goes_back(subject: Subject) -> None:
    """A later reading is never an earlier instant."""
    readings = [subject.clock.now() for _ in range(100)]

    assert readings == sorted(readings)


def test_a_periodic_timer_keeps_its_phase_until_it_is_cancelled(
    subject: Subject,
) -> None:
    """It runs again and again, each time a period later."""
    runs: list[float] = []
    done, later = threading.Event(), threading.Event()
    first = subject.clock.now() + 0.05

    def wake() -> None:
        runs.append(subject.clock.now())
        if len(runs) == 3:
            subject.clock.cancel("key")
            done.set()

    subject.clock.every("key", first, 0.1, wake)

    assert subject.wait(done)
    subject.clock.at("later", subject.clock.now() + 0.15, later.set)
    assert subject.wait(later)
    assert len(runs) == 3
    assert all(at >= first + n * 0.1 - 0.001 for n, at in enumerate(runs))


def test_a_machine_that_knows_no_time_zones_has_timers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Small images have no time zone database; no timer needs one."""
    monkeypatch.setenv("TZ", "Nowhere/Land")
    monkeypatch.setattr("tzlocal.unix._cache_tz", None)
    clock = SystemClock()
    ran = threading.Event()

    clock.at("key", clock.now(), ran.set)

    assert ran.wait(5)
    clock.close()


@pytest.mark.parametrize("seconds", [1e12, 2.0**63, 1e300])
def test_a_timer_may_be_set_for_any_instant(subject: Subject, seconds: float) -> None:
    """A user may ask for any number of seconds; other timers run on."""
    ran = threading.Event()

    subject.clock.at("far", subject.clock.now() + seconds, lambda: None)
    subject.clock.at("near", subject.clock.now(), ran.set)

    assert subject.wait(ran)
