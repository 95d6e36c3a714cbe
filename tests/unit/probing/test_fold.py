"""What a row of probe outcomes amounts to."""

import pytest

from supervisor.model.pod import Probe
from supervisor.probing.base import Kind, Outcome, Result
from supervisor.probing.fold import History, fold, new_history

GOOD, BAD = Outcome.SUCCESS, Outcome.FAILURE


def after(history: History, *outcomes: Outcome, probe: Probe | None = None) -> History:
    for outcome in outcomes:
        history = fold(history, outcome, probe or Probe())
    return history


@pytest.mark.parametrize(
    ("kind", "initial"),
    [
        (Kind.LIVENESS, Result.SUCCESS),
        (Kind.READINESS, Result.FAILURE),
        (Kind.STARTUP, Result.UNKNOWN),
    ],
)
def test_each_kind_begins_with_its_own_result(kind: Kind, initial: Result) -> None:
    """Before the first probe a container is alive, not ready, and not yet started."""
    history = new_history(kind, "a")

    assert (history.result, history.is_known) == (initial, False)


def test_liveness_fails_at_the_third_failure_in_a_row() -> None:
    """Below failureThreshold the stored result stays as it was."""
    history = new_history(Kind.LIVENESS, "a")

    assert after(history, BAD, BAD).result is Result.SUCCESS
    assert after(history, BAD, BAD, BAD).result is Result.FAILURE


def test_one_success_breaks_a_run_of_failures() -> None:
    """Thresholds count outcomes in a row, not in all."""
    history = after(new_history(Kind.LIVENESS, "a"), BAD, BAD, GOOD, BAD, BAD)

    assert history.result is Result.SUCCESS


def test_a_warning_counts_as_success() -> None:
    """A redirect to another host does not fail a container."""
    history = after(new_history(Kind.READINESS, "a"), Outcome.WARNING)

    assert history.result is Result.SUCCESS


def test_an_error_counts_as_nothing() -> None:
    """An attempt that could not be made neither lengthens nor breaks a run."""
    history = after(new_history(Kind.LIVENESS, "a"), BAD, BAD, Outcome.ERROR, BAD)

    assert history.result is Result.FAILURE


def test_readiness_waits_for_its_success_threshold() -> None:
    """successThreshold 3 takes three good answers in a row."""
    probe = Probe(success_threshold=3)
    history = new_history(Kind.READINESS, "a")

    assert after(history, GOOD, GOOD, probe=probe).result is Result.FAILURE
    assert after(history, GOOD, GOOD, GOOD, probe=probe).result is Result.SUCCESS


def test_nothing_is_believed_after_liveness_has_failed() -> None:
    """The container is being killed: a late good answer does not save it."""
    history = after(new_history(Kind.LIVENESS, "a"), BAD, BAD, BAD, GOOD, GOOD)

    assert history.on_hold
    assert history.result is Result.FAILURE


@pytest.mark.parametrize("outcome", [GOOD, BAD])
def test_startup_holds_after_either_conclusion(outcome: Outcome) -> None:
    """A startup probe speaks once for each container."""
    history = after(
        new_history(Kind.STARTUP, "a"), outcome, probe=Probe(failure_threshold=1)
    )

    assert history.on_hold


def test_readiness_never_holds() -> None:
    """A container may become unready and ready again as often as it likes."""
    history = after(new_history(Kind.READINESS, "a"), GOOD, BAD, BAD, BAD, GOOD)

    assert history.result is Result.SUCCESS


def test_a_new_container_begins_anew_but_its_run_goes_on() -> None:
    """Two failures, a crash, and one more failure reach the threshold of three."""
    before = after(new_history(Kind.LIVENESS, "a"), BAD, BAD)
    history = new_history(Kind.LIVENESS, "b", before)

    assert history.result is Result.SUCCESS
    assert after(history, BAD).result is Result.FAILURE


def test_a_new_container_after_a_hold_begins_with_a_clean_run() -> None:
    """What killed the last container does not count against the next one."""
    before = after(new_history(Kind.LIVENESS, "a"), BAD, BAD, BAD)
    history = new_history(Kind.LIVENESS, "b", before)

    assert not history.on_hold
    assert after(history, BAD, BAD).result is Result.SUCCESS
