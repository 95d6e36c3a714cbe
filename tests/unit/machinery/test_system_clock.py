"""The real clock beside a wall clock that somebody sets."""

import threading
import time
from collections.abc import Iterator

import pytest

from supervisor.machinery.clock import SystemClock


class Wall:
    """The wall clock, off by so many seconds."""

    def __init__(self) -> None:
        self.off = 0.0

    def __call__(self) -> float:
        return time.time() + self.off


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def clock(wall: Wall) -> Iterator[SystemClock]:
    """A clock that goes by `wall`."""
    clock = SystemClock(wall=wall)
    yield clock
    clock.close()


def test_setting_the_wall_clock_does_not_move_now(
    wall: Wall, clock: SystemClock
) -> None:
    """Instants follow the monotonic clock."""
    before = clock.now()

    wall.off = -3600
    clock.resync()

    assert 0 <= clock.now() - before < 5


def test_timers_survive_a_wall_clock_that_is_set_back(
    wall: Wall, clock: SystemClock
) -> None:
    """A timer that was set an hour ago by the wall still runs in time."""
    wall.off = 3600
    clock.resync()
    ran = threading.Event()
    clock.at("key", clock.now() + 0.05, ran.set)
    assert not ran.wait(0.2)

    wall.off = 0
    clock.resync()

    assert ran.wait(5)


def test_a_timer_runs_once_however_often_the_clock_is_set(
    wall: Wall, clock: SystemClock
) -> None:
    """Giving the timers anew repeats none."""
    runs: list[float] = []
    ran = threading.Event()
    clock.at("key", clock.now(), lambda: runs.append(0))
    for off in (-1, 0, 5, 0):
        wall.off = off
        clock.resync()
    clock.at("last", clock.now() + 0.1, ran.set)

    assert ran.wait(5)
    assert runs == [0]


def test_calls_that_are_left_out_are_not_told_of(
    clock: SystemClock, caplog: pytest.LogCaptureFixture
) -> None:
    """As on a busy machine; the next call is all that is promised."""
    called, go_on = threading.Event(), threading.Event()

    def wake() -> None:
        called.set()
        go_on.wait(10)

    clock.every("busy", clock.now(), 0.01, wake)
    assert called.wait(10)
    go_on.wait(0.2)
    go_on.set()
    called.clear()

    assert called.wait(10)
    assert not caplog.records
