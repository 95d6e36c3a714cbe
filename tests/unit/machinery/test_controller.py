"""The one loop, worked by hand."""

import logging

import pytest

from supervisor.machinery.controller import Controller
from tests.fakes.clock import START, FakeClock


class Recorded:
    """A reconcile function that answers, or raises, what it was told to."""

    def __init__(self, *answers: float | Exception | None) -> None:
        self.answers = list(answers)
        self.keys: list[str] = []

    def __call__(self, key: str) -> float | None:
        self.keys.append(key)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_key_is_reconciled_after_it_was_woken() -> None:
    """Waking is all that it takes."""
    work = Recorded()
    loop = Controller("test", work, FakeClock())

    loop.wake("a")

    assert (loop.step(), loop.step()) == (True, False)
    assert work.keys == ["a"]


def test_a_key_comes_back_at_the_instant_that_reconcile_named() -> None:
    """The answer of reconcile is when to look again."""
    clock, work = FakeClock(), Recorded(START + 10)
    loop = Controller("test", work, clock)
    loop.wake("a")
    loop.step()

    clock.advance(9.9)
    assert not loop.step()
    clock.advance(0.1)

    assert loop.step()


def test_an_earlier_wish_is_forgotten_when_reconcile_names_no_instant() -> None:
    """Reconcile alone decides when to look again."""
    clock, work = FakeClock(), Recorded(START + 10, None)
    loop = Controller("test", work, clock)
    loop.wake("a")
    loop.step()
    loop.wake("a")
    loop.step()

    clock.advance(100)

    assert not loop.step()


def test_a_failing_key_comes_back_with_growing_pauses() -> None:
    """5 ms after the first failure, then twice as long each time, at most 30 s."""
    clock = FakeClock()
    loop = Controller(
        "test", Recorded(*[OSError("no")] * 20), clock, expected=(OSError,)
    )
    loop.wake("a")
    pauses = []
    for _ in range(20):
        loop.step()
        due = clock.next_at()
        assert due is not None
        pauses.append(round(due - clock.now(), 6))
        clock.advance_to(due)

    assert pauses[:4] == [0.005, 0.01, 0.02, 0.04]
    assert pauses[-1] == 30


def test_success_forgets_the_failures() -> None:
    """After a success the pauses begin anew."""
    clock = FakeClock()
    work = Recorded(OSError("no"), OSError("no"), None, OSError("no"))
    loop = Controller("test", work, clock, expected=(OSError,))
    for _ in range(4):
        loop.wake("a")
        loop.step()

    due = clock.next_at()

    assert due is not None
    assert round(due - clock.now(), 6) == 0.005


def test_an_expected_failure_is_one_line_and_another_a_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What only says "not now" is not shown as a crash, and not at all at first."""
    caplog.set_level(logging.INFO)
    work = Recorded(*[OSError("away")] * 3, ValueError("a bug"))
    loop = Controller("test", work, FakeClock(), expected=(OSError,))
    for _ in range(4):
        loop.wake("a")
        loop.step()

    first, second = caplog.records

    assert (first.levelname, first.exc_info) == ("INFO", None)
    assert "test a: away; retrying in 0.02 s" in first.getMessage()
    assert (second.levelname, bool(second.exc_info)) == ("ERROR", True)


def test_workers_run_until_they_are_stopped() -> None:
    """Stopping lets the worker finish what it has."""
    work = Recorded()
    loop = Controller("test", work, FakeClock())
    loop.start()
    loop.wake("a")

    assert loop.drain(5)
    loop.stop()

    assert work.keys == ["a"]
