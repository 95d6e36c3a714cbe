"""One exam for the pulse of the fake engine and of Docker."""

from collections.abc import Iterator

import pytest

from supervisor.runtime.base import Runtime
from supervisor.runtime.docker.runtime import DockerRuntime
from tests import docker_engine
from tests.fakes.clock import FakeClock
from tests.fakes.runtime import FakeRuntime


@pytest.fixture(params=["fake", pytest.param("docker", marks=pytest.mark.docker)])
def runtime(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    """An engine of either kind."""
    made: Runtime = FakeRuntime(FakeClock())
    if request.param == "docker":
        made = DockerRuntime(docker_engine.ENDPOINT, cluster="test", node="n")
    yield made
    made.close()


def test_an_engine_answers_as_often_as_it_is_asked(runtime: Runtime) -> None:
    """On any number of connections."""
    pulses = [runtime.pulse(), runtime.pulse()]
    for pulse in pulses * 3:
        pulse.ask(5)
    for pulse in pulses:
        pulse.close()


def test_a_closed_pulse_may_ask_again(runtime: Runtime) -> None:
    """Closing ends what is being asked, no more."""
    pulse = runtime.pulse()
    pulse.close()
    pulse.ask(5)
    pulse.close()
    pulse.ask(5)
