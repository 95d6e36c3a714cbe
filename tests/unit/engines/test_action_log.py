"""What the log says of engines: one line of one shape for each action."""

import logging

import pytest

from supervisor.model.engine import CONNECTED
from tests.unit.engines.keeping import Bench, info


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="supervisor.engines")
    return caplog


def lines(log: pytest.LogCaptureFixture) -> list[str]:
    """What was logged since the last call."""
    found = [f"{r.levelname} {r.getMessage()}" for r in log.records]
    log.clear()
    return found


def test_each_step_says_why(bench: Bench, log: pytest.LogCaptureFixture) -> None:
    """From the first attempt to the agent."""
    bench.answers["unix:///n1"] = info("id-1")
    bench.add("n1")

    assert lines(log) == [
        "INFO engine n1: connect to unix:///n1: there is no agent",
        "INFO engine n1: take claim: no other node has the engine",
        "INFO engine n1: launch agent: the engine is ours",
        "INFO engine n1: report Connected (Connected): connected to unix:///n1",
    ]


def test_an_engine_that_stays_away_is_logged_once(
    bench: Bench, log: pytest.LogCaptureFixture
) -> None:
    """Its attempts fail every few seconds, for hours."""
    bench.add("n1")
    bench.advance(300)
    before = lines(log)
    bench.advance(300)

    assert before == [
        "INFO engine n1: connect to unix:///n1: there is no agent",
        "WARNING engine n1: report Connecting (EngineUnavailable): it is away",
        "INFO engine n1: connect to unix:///n1: the last attempt failed: it is away",
    ]
    assert lines(log) == []


def test_a_new_daemon_logs_a_failure_that_it_finds(
    bench: Bench, log: pytest.LogCaptureFixture
) -> None:
    """Although the status of the Engine does not change."""
    bench.add("n1")
    lines(log)
    bench.restart()
    bench.look("n1")

    warning = "WARNING engine n1: report Connecting (EngineUnavailable): it is away"
    assert warning in lines(log)


def test_a_failure_that_comes_back_is_logged_again(
    bench: Bench, log: pytest.LogCaptureFixture
) -> None:
    """After another one, or after an agent ran."""
    warning = "WARNING engine n1: report Connecting (EngineUnavailable): it is away"
    bench.add("n1")
    bench.answers["unix:///n1"] = ValueError("no JSON")
    bench.advance(5)
    lines(log)
    del bench.answers["unix:///n1"]
    bench.advance(10)

    assert warning in lines(log)


def test_an_agent_that_runs_is_not_logged_again_and_again(
    bench: Bench, log: pytest.LogCaptureFixture
) -> None:
    """It writes its Node every few seconds, and its claim is confirmed."""
    bench.answers["unix:///n1"] = info("id-1")
    bench.add("n1")
    bench.report("n1", "id-1")
    lines(log)
    for _ in range(10):
        bench.advance(10)
        bench.report("n1", "id-1")

    assert bench.phase("n1") == (CONNECTED, "")
    assert lines(log) == []


def test_an_agent_whose_engine_comes_and_goes_is_logged_each_time(
    bench: Bench, log: pytest.LogCaptureFixture
) -> None:
    """These are changes, and no repetitions."""
    bench.answers["unix:///n1"] = info("id-1")
    bench.add("n1")
    bench.clock.advance(60)
    bench.report("n1", "id-1")
    lines(log)
    for _ in range(2):
        bench.report("n1", "id-1", ready=False)
        bench.report("n1", "id-1")

    assert lines(log) == 2 * [
        "WARNING engine n1: report Connecting (EngineUnavailable): gone",
        "INFO engine n1: report Connected (Connected): connected to unix:///n1",
    ]


def test_a_removal_is_logged_step_by_step(
    bench: Bench, log: pytest.LogCaptureFixture
) -> None:
    """With the reason of each."""
    bench.answers["unix:///n1"] = info("id-1")
    bench.add("n1")
    bench.report("n1", "id-1")
    lines(log)
    bench.remove("n1")

    assert lines(log) == [
        "INFO engine n1: cordon node: the Engine is deleted",
        "INFO engine n1: release claim: the Engine is deleted",
        "INFO engine n1: halt agent: the Engine is deleted",
        "INFO engine n1: remove files: the Engine is deleted",
        "INFO engine n1: finish removal: the Engine is deleted",
        "INFO engine n1: event EngineRemoved: node n1 is removed",
    ]
