"""What is done about the claim while an agent runs, and when the Engine is gone."""

from supervisor.engines.plan import actions
from supervisor.engines.plan.actions import Wait
from supervisor.engines.plan.claim import confirm, vanished
from supervisor.engines.plan.sight import (
    Confirmation,
    Held,
)
from tests.fakes.clock import START
from tests.unit.engines.plan.world import (
    THEIRS,
)


def test_a_claim_is_confirmed_every_two_seconds() -> None:
    """While an agent runs."""
    assert confirm(Held(has_agent=False), START) == (Wait(because="there is no agent"),)
    assert confirm(Held(has_agent=True), START) == (
        actions.ConfirmClaim(because="2 s have passed"),
    )
    assert confirm(Held(True, Confirmation()), START) == (
        Wait(START + 2, because="the engine is ours"),
    )


def test_a_changed_record_is_reported() -> None:
    """The status says whether the engine has a claim."""
    assert confirm(Held(True, Confirmation(is_changed=True)), START) == (
        actions.LookAgain(because="the record of the owner has changed"),
        Wait(START + 2, because="the engine is ours"),
    )


def test_a_lost_claim_stops_the_agent() -> None:
    """First of all, and without reading the API."""
    text = "it belongs to store-b"

    assert confirm(Held(True, Confirmation(THEIRS)), START) == (
        actions.Halt(because=text),
        actions.RecordFailure(THEIRS, because=text),
        actions.LookAgain(because=text),
        Wait(because=text),
    )


def test_an_engine_whose_finalizer_was_removed_by_hand() -> None:
    """Its containers stay."""
    assert vanished(is_finished=True) == ()
    assert [type(a) for a in vanished(is_finished=False)] == [
        actions.Halt,
        actions.ForgetFiles,
        actions.EraseNode,
    ]
