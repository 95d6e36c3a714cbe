"""Hosts whose clock is wrong: their instants, as we call them."""

import pytest

from supervisor.runtime.docker.connection.host_clock import HostClock
from supervisor.runtime.versions import is_new_enough
from tests.fakes.clock import FakeClock


@pytest.mark.parametrize("ahead", [3600, -3600])
def test_instants_of_a_wrong_clock_are_put_right(ahead: int) -> None:
    """Both ways; that there is no instant stays so."""
    ours = FakeClock()
    clock = HostClock(ours.now)
    clock.note(ours.now() + ahead, ours.now())

    assert clock.ours(5000.0 + ahead) == 5000.0
    assert clock.theirs(5000.0) == 5000.0 + ahead
    assert clock.ours(0.0) == 0.0


@pytest.mark.parametrize("ahead", [1.9, -1.9])
def test_small_differences_are_none(ahead: float) -> None:
    """Instants stay exactly as the engine tells them."""
    ours = FakeClock()
    clock = HostClock(ours.now)
    clock.note(ours.now() + ahead, ours.now())

    assert clock.ours(5000.25) == 5000.25


def test_a_slow_answer_says_nothing_against_a_clock() -> None:
    """It was read at some time between question and answer."""
    ours = FakeClock()
    clock = HostClock(ours.now)
    asked_at = ours.now()
    ours.advance(8)
    clock.note(asked_at, asked_at)
    assert clock.ahead == 0

    clock.note(asked_at + 8, asked_at)
    assert clock.ahead == 0


def test_one_instant_does_not_become_several() -> None:
    """Small changes of the difference are not followed; large ones are."""
    ours = FakeClock()
    clock = HostClock(ours.now)
    for ahead, expected in ((60.0, 60.0), (61.5, 60.0), (90.0, 90.0), (0.5, 0.0)):
        clock.note(ours.now() + ahead, ours.now())
        assert clock.ahead == expected


@pytest.mark.parametrize(
    ("version", "enough"),
    [("1.40", False), ("1.41", True), ("1.100", True), ("2.0", True), ("new", False)],
)
def test_which_engines_are_new_enough(version: str, enough: bool) -> None:
    """Versions are numbers, and what is none is no version."""
    assert is_new_enough(version) is enough
