"""What a row of probe outcomes amounts to."""

import pytest

from supervisor.model.pod import Probe
from supervisor.probing.base import Kind, Outcome, Result
from supervisor.probing.fold import Row, begin, fold

GOOD, BAD = Outcome.SUCCESS, Outcome.FAILURE


def after(row: Row, *outcomes: Outcome, probe: Probe | None = None) -> Row:
    for outcome in outcomes:
        row = fold(row, outcome, probe or Probe())
    return row


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
    row = begin(kind, "a")

    assert (row.result, row.is_known) == (initial, False)


def test_liveness_fails_at_the_third_failure_in_a_row() -> None:
    """Below failureThreshold the stored result stays as it was."""
    row = begin(Kind.LIVENESS, "a")

    assert after(row, BAD, BAD).result is Result.SUCCESS
    assert after(row, BAD, BAD, BAD).result is Result.FAILURE


def test_one_success_breaks_a_run_of_failures() -> None:
    """Thresholds count outcomes in a row, not in all."""
    row = after(begin(Kind.LIVENESS, "a"), BAD, BAD, GOOD, BAD, BAD)

    assert row.result is Result.SUCCESS


def test_a_warning_counts_as_success() -> None:
    """A redirect to another host does not fail a container."""
    row = after(begin(Kind.READINESS, "a"), Outcome.WARNING)

    assert row.result is Result.SUCCESS


def test_an_error_counts_as_nothing() -> None:
    """An attempt that could not be made neither lengthens nor breaks a run."""
    row = after(begin(Kind.LIVENESS, "a"), BAD, BAD, Outcome.ERROR, BAD)

    assert row.result is Result.FAILURE


def test_readiness_waits_for_its_success_threshold() -> None:
    """successThreshold 3 takes three good answers in a row."""
    probe = Probe(success_threshold=3)
    row = begin(Kind.READINESS, "a")

    assert after(row, GOOD, GOOD, probe=probe).result is Result.FAILURE
    assert after(row, GOOD, GOOD, GOOD, probe=probe).result is Result.SUCCESS


def test_nothing_is_believed_after_liveness_has_failed() -> None:
    """The container is being killed: a late good answer does not save it."""
    row = after(begin(Kind.LIVENESS, "a"), BAD, BAD, BAD, GOOD, GOOD)

    assert row.on_hold
    assert row.result is Result.FAILURE


@pytest.mark.parametrize("outcome", [GOOD, BAD])
def test_startup_holds_after_either_conclusion(outcome: Outcome) -> None:
    """A startup probe speaks once for each container."""
    row = after(begin(Kind.STARTUP, "a"), outcome, probe=Probe(failure_threshold=1))

    assert row.on_hold


def test_readiness_never_holds() -> None:
    """A container may become unready and ready again as often as it likes."""
    row = after(begin(Kind.READINESS, "a"), GOOD, BAD, BAD, BAD, GOOD)

    assert row.result is Result.SUCCESS


def test_a_new_container_begins_anew_but_its_run_goes_on() -> None:
    """Two failures, a crash, and one more failure reach the threshold of three."""
    before = after(begin(Kind.LIVENESS, "a"), BAD, BAD)
    row = begin(Kind.LIVENESS, "b", before)

    assert row.result is Result.SUCCESS
    assert after(row, BAD).result is Result.FAILURE


def test_a_new_container_after_a_hold_begins_with_a_clean_run() -> None:
    """What killed the last container does not count against the next one."""
    before = after(begin(Kind.LIVENESS, "a"), BAD, BAD, BAD)
    row = begin(Kind.LIVENESS, "b", before)

    assert not row.on_hold
    assert after(row, BAD, BAD).result is Result.SUCCESS
