"""Exec probes: what the end of a command means, and what none means."""

import pytest

from supervisor.probing import exec as exec_probe
from supervisor.probing.base import Attempt, Outcome
from supervisor.runtime.base import ContainerConfig, SandboxConfig
from tests.fakes.clock import FakeClock
from tests.fakes.runtime import FakeRuntime, Program

CHECK = ("check",)
LATE = 'command timed out: "check" timed out after 3s'


class Engine:
    """A fake engine with one running container, and time that passes by waiting."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.runtime = FakeRuntime(self.clock)
        self.runtime.add_image("img")
        sandbox = SandboxConfig("u1", "web", "default", 0, "web")
        inside = self.runtime.start_sandbox(sandbox)
        config = ContainerConfig("u1", "web", "default", "app", 0, inside, "img")
        self.id = self.runtime.create_container(config)
        self.runtime.start_container(self.id)
        self.paused_until = 0.0

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        if self.clock.now() >= self.paused_until:
            self.runtime.paused.clear()

    def probe(self) -> Attempt:
        return exec_probe.probe(
            self.runtime, self.id, CHECK, 3, now=self.clock.now, wait=self.wait
        )


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.mark.parametrize(
    ("program", "attempt"),
    [
        (Program(b"fine"), Attempt(Outcome.SUCCESS, "fine")),
        (Program(b"a", b"b", exit_code=2), Attempt(Outcome.FAILURE, "ab")),
        (Program(seconds=9), Attempt(Outcome.FAILURE, LATE)),
    ],
    ids=["ends with 0", "ends with 2", "does not end"],
)
def test_how_a_command_ends(engine: Engine, program: Program, attempt: Attempt) -> None:
    """Well with 0 in time; everything else has failed."""
    engine.runtime.add_program(CHECK, program)

    assert engine.probe() == attempt


def test_a_paused_container_fails_at_the_timeout(engine: Engine) -> None:
    """As if the command did not end; an answer of the engine, so not in doubt."""
    engine.runtime.add_program(CHECK, Program())
    engine.runtime.paused.add(engine.id)
    engine.paused_until = engine.clock.now() + 60
    began = engine.clock.now()
    attempt = engine.probe()

    assert attempt == Attempt(Outcome.FAILURE, f"{LATE}: the container is paused")
    assert attempt.answered
    assert engine.clock.now() - began == pytest.approx(3)


def test_a_container_that_goes_on_in_time_passes(engine: Engine) -> None:
    """`docker commit` pauses a container for a moment."""
    engine.runtime.add_program(CHECK, Program())
    engine.runtime.paused.add(engine.id)
    engine.paused_until = engine.clock.now() + 1

    assert engine.probe().outcome is Outcome.SUCCESS


def test_a_command_that_is_not_there_fails(engine: Engine) -> None:
    """It will not be there the next time either."""
    assert engine.probe().outcome is Outcome.FAILURE


def test_an_engine_that_is_away_says_nothing(engine: Engine) -> None:
    """Its trouble must not kill healthy containers."""
    engine.runtime.unavailable = True

    assert engine.probe().outcome is Outcome.ERROR
